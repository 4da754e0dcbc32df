// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/aead.hxx"

#include <gtest/gtest.h>

#include <string>

namespace {

using crypto::Decrypt;
using crypto::Encrypt;

TEST(Aead, DecryptsWhatItHasEncrypted) {
  crypto::SecretKey key;
  key.octets.fill(7);
  for (const auto& text : {std::string(), std::string("x"), std::string(100'000, 'y')}) {
    const auto encrypted = Encrypt(key, text);
    EXPECT_EQ(encrypted.size(), text.size() + crypto::kTagSize);
    EXPECT_EQ(Decrypt(key, encrypted), text);
  }
}

TEST(Aead, NeedsTheKeyAndEachOctet) {
  crypto::SecretKey key;
  crypto::SecretKey other;
  other.octets[0] = 1;
  const auto encrypted = Encrypt(key, "text");
  EXPECT_FALSE(Decrypt(other, encrypted));
  EXPECT_FALSE(Decrypt(key, encrypted + "x"));
  for (std::size_t i = 0; i < encrypted.size(); ++i) {
    auto changed = encrypted;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(Decrypt(key, changed)) << i;
    EXPECT_FALSE(Decrypt(key, encrypted.substr(0, i))) << i;
  }
}

}  // namespace
