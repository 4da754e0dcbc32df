// SPDX-License-Identifier: BSD-2-Clause
#include "seal/box.hxx"

#include "crypto/x25519.hxx"

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(Box, IsOpenedByTheOneItIsFor) {
  const auto keys = crypto::MakeKeys();
  for (const auto& text :
       {std::string(), std::string("x"), std::string(200'000, 'y'), std::string("a\0b", 3)}) {
    const auto box = seal::Seal(text, keys.open);
    EXPECT_EQ(box.size(), text.size() + seal::kOverhead);
    EXPECT_EQ(seal::Open(box, keys), text);
    EXPECT_NE(seal::Seal(text, keys.open), box) << "two boxes never have one key";
  }
  EXPECT_EQ(seal::Open(seal::Seal("text", keys.open), crypto::KeysOf(keys.secret)), "text");
}

TEST(Box, IsOpenedByNobodyElse) {
  const auto keys = crypto::MakeKeys();
  EXPECT_FALSE(seal::Open(seal::Seal("text", keys.open), crypto::MakeKeys()));
}

TEST(Box, ShowsNothingOfItsText) {
  const auto keys = crypto::MakeKeys();
  EXPECT_EQ(seal::Seal("a password", keys.open).find("password"), std::string::npos);
}

TEST(Box, IsWholeOrNothing) {
  const auto keys = crypto::MakeKeys();
  const auto box = seal::Seal("text", keys.open);
  for (std::size_t i = 0; i < box.size(); ++i) {
    auto changed = box;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(seal::Open(changed, keys)) << i;
    EXPECT_FALSE(seal::Open(box.substr(0, i), keys)) << i;
  }
  EXPECT_FALSE(seal::Open(box + "x", keys));
  EXPECT_FALSE(seal::Open(std::string(box.size(), '\0'), keys)) << "a key of low order";
}

}  // namespace
