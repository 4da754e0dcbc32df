// SPDX-License-Identifier: BSD-2-Clause
#include "sasl/secret.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace {

TEST(ParseSecret, TakesUserAndPassword) {
  struct Case {
    std::string text, user, password;
  };
  for (const auto& [text, user, password] :
       {Case{"user:secret", "user", "secret"}, Case{"user:secret\n", "user", "secret"},
        Case{"user:secret\r\n\n", "user", "secret"}, Case{"u@x:a:b c", "u@x", "a:b c"},
        Case{"user:", "user", ""}, Case{"user: x ", "user", " x "}}) {
    const auto secret = sasl::ParseSecret(text);
    ASSERT_TRUE(secret) << text;
    EXPECT_EQ(secret->user, user) << text;
    EXPECT_EQ(secret->password, password) << text;
  }
}

TEST(ParseSecret, RefusesAnythingElse) {
  for (const std::string text : {"", "\n", "user", ":secret", "user:one\ntwo", "a\nb:c"})
    EXPECT_FALSE(sasl::ParseSecret(text)) << text;
  EXPECT_FALSE(sasl::ParseSecret(std::string("user:a\0b", 8)));
}

// Texts this short are copied by a move.
TEST(Secret, LeavesNothingWhereItWasMovedFrom) {
  sasl::Secret from("me", "secret");
  const sasl::Secret to(std::move(from));
  EXPECT_EQ(to.user + ":" + to.password, "me:secret");
  for (const auto* left : {&from.user, &from.password})
    EXPECT_TRUE(std::all_of(left->data(), left->data() + left->capacity(), [](char c) { return c == 0; }));
}

}  // namespace
