// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/random.hxx"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

TEST(Random, TellsApartWhatIsMadeAtTheSameTime) {
  std::set<std::string> texts;
  for (int i = 0; i < 100; ++i) {
    const auto text = crypto::RandomHex();
    EXPECT_EQ(text.size(), 8u);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos) << text;
    texts.insert(text);
  }
  EXPECT_GT(texts.size(), 90u);
}

}  // namespace
