// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/hkdf.hxx"

#include "hex.hxx"

#include <gtest/gtest.h>

#include <numeric>

namespace {

// What HMAC gives by the two steps of RFC 5869 section 2, of the octets 0 to 31.
TEST(Hkdf, IsThatOfTheStandard) {
  crypto::SecretKey shared;
  std::iota(shared.octets.begin(), shared.octets.end(), static_cast<unsigned char>(0));
  crypto::SecretKey key;
  crypto::DeriveKey(shared, "info", key);
  EXPECT_EQ(Hex(key.octets), "cccad7895238973b7b227c5216571c432f4602b7264e8e35cde4d3249e93720e");
}

TEST(Hkdf, MakesADifferentKeyForEachPurpose) {
  const crypto::SecretKey shared;
  crypto::SecretKey one;
  crypto::SecretKey other;
  crypto::DeriveKey(shared, "one", one);
  crypto::DeriveKey(shared, "other", other);
  EXPECT_NE(one.octets, other.octets);
}

}  // namespace
