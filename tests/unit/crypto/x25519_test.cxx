// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/x25519.hxx"

#include <gtest/gtest.h>

namespace {

using crypto::Key;

TEST(X25519, BothSidesAgree) {
  const auto one = crypto::MakeKeys();
  const auto other = crypto::MakeKeys();
  EXPECT_NE(one.secret, other.secret);
  crypto::SecretKey ours;
  crypto::SecretKey theirs;
  ASSERT_TRUE(crypto::Agree(one.secret, other.open, ours));
  ASSERT_TRUE(crypto::Agree(other.secret, one.open, theirs));
  EXPECT_EQ(ours.octets, theirs.octets);
  EXPECT_NE(ours.octets, Key{});
}

TEST(X25519, FindsTheOpenKeyOfASecretOne) {
  const auto keys = crypto::MakeKeys();
  EXPECT_EQ(crypto::KeysOf(keys.secret).open, keys.open);
  EXPECT_EQ(crypto::KeysOf(keys.secret).secret, keys.secret);
}

TEST(X25519, RefusesAKeyOfLowOrder) {
  crypto::SecretKey shared;
  EXPECT_FALSE(crypto::Agree(crypto::MakeKeys().secret, Key{}, shared));
}

}  // namespace
