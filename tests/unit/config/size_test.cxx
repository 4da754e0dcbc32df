// SPDX-License-Identifier: BSD-2-Clause
#include "config/size.hxx"

#include <gtest/gtest.h>

using config::ParseSize;

TEST(Size, ReadsSystemdSizes) {
  const struct {
    const char* text;
    std::uint64_t size;
  } cases[] = {{"0", 0},
               {"1023", 1023},
               {"1K", 1024},
               {"100M", 100ULL << 20},
               {"2G", 2ULL << 30},
               {"16777215T", 16777215ULL << 40},
               {"18446744073709551615", UINT64_MAX}};
  for (const auto& c : cases) EXPECT_EQ(ParseSize(c.text), c.size) << c.text;
}

TEST(Size, RefusesEverythingElse) {
  for (const char* text : {"", "K", "-1", "+1", "1k", "1KB", "1 K", "1.5G", "0x1", "16777216T", "infinity",
                           "18446744073709551616"})
    EXPECT_FALSE(ParseSize(text)) << text;
}
