// SPDX-License-Identifier: BSD-2-Clause
#include "seal/box.hxx"

#include "crypto/aead.hxx"
#include "crypto/hkdf.hxx"
#include "crypto/x25519.hxx"

#include <algorithm>
#include <stdexcept>

namespace seal {

using crypto::Key;
using crypto::SecretKey;

namespace {

constexpr std::string_view kPurpose = "mailqueue seal 1";

static_assert(kOverhead == sizeof(Key) + crypto::kTagSize);

void DeriveBoxKey(const SecretKey& shared, const Key& ephemeral, const Key& recipient, SecretKey& key) {
  std::string info(kPurpose);
  info.append(ephemeral.begin(), ephemeral.end()).append(recipient.begin(), recipient.end());
  crypto::DeriveKey(shared, info, key);
}

// Makes the key of one box. Returns what the recipient needs to make it, too.
Key MakeBoxKey(const Key& recipient, SecretKey& key) {
  auto ephemeral = crypto::MakeKeys();
  SecretKey shared;
  const bool agreed = crypto::Agree(ephemeral.secret, recipient, shared);
  ::explicit_bzero(ephemeral.secret.data(), ephemeral.secret.size());
  if (!agreed) throw std::runtime_error("Failed to seal: the recipient's key is not a public key");
  DeriveBoxKey(shared, ephemeral.open, recipient, key);
  return ephemeral.open;
}

}  // namespace

std::string Seal(std::string_view text, const Key& recipient) {
  SecretKey key;
  const auto ephemeral = MakeBoxKey(recipient, key);
  return std::string(ephemeral.begin(), ephemeral.end()) + crypto::Encrypt(key, text);
}

std::optional<std::string> Open(std::string_view box, const crypto::KeyPair& keys) {
  if (box.size() < kOverhead) return std::nullopt;
  Key ephemeral;
  std::copy_n(box.begin(), ephemeral.size(), ephemeral.begin());
  SecretKey shared;
  if (!crypto::Agree(keys.secret, ephemeral, shared)) return std::nullopt;
  SecretKey key;
  DeriveBoxKey(shared, ephemeral, keys.open, key);
  return crypto::Decrypt(key, box.substr(ephemeral.size()));
}

}  // namespace seal
