// SPDX-License-Identifier: BSD-2-Clause
#include "config/boolean.hxx"

#include <gtest/gtest.h>

TEST(ParseBoolean, TakesTheWordsOfSystemd) {
  for (const char* yes : {"1", "yes", "Y", "true", "t", "ON"})
    EXPECT_EQ(config::ParseBoolean(yes), true) << yes;
  for (const char* no : {"0", "no", "N", "False", "f", "off"})
    EXPECT_EQ(config::ParseBoolean(no), false) << no;
  for (const char* other : {"", "2", "ye", "yess", "01", "on off"})
    EXPECT_FALSE(config::ParseBoolean(other)) << other;
}
