// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/x25519.hxx"

#include "crypto/openssl.hxx"

#include <openssl/evp.h>

#include <cstddef>
#include <memory>

namespace crypto {

namespace {

using PKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

PKey SecretPKey(const Key& secret) {
  PKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret.data(), secret.size()),
           &EVP_PKEY_free);
  Check(key != nullptr);
  return key;
}

PKey OpenPKey(const Key& open) {
  PKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, open.data(), open.size()), &EVP_PKEY_free);
  Check(key != nullptr);
  return key;
}

}  // namespace

KeyPair KeysOf(const Key& secret) {
  KeyPair keys{secret, {}};
  std::size_t size = keys.open.size();
  Check(EVP_PKEY_get_raw_public_key(SecretPKey(secret).get(), keys.open.data(), &size) == 1);
  return keys;
}

KeyPair MakeKeys() {
  const PKeyContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_X25519, nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* made = nullptr;
  Check(context && EVP_PKEY_keygen_init(context.get()) == 1 && EVP_PKEY_keygen(context.get(), &made) == 1);
  const PKey key(made, &EVP_PKEY_free);
  KeyPair keys{};
  std::size_t secret_size = keys.secret.size();
  std::size_t open_size = keys.open.size();
  Check(EVP_PKEY_get_raw_private_key(key.get(), keys.secret.data(), &secret_size) == 1 &&
        EVP_PKEY_get_raw_public_key(key.get(), keys.open.data(), &open_size) == 1);
  return keys;
}

bool Agree(const Key& secret, const Key& open, SecretKey& shared) {
  const auto ours = SecretPKey(secret);
  const auto theirs = OpenPKey(open);
  const PKeyContext context(EVP_PKEY_CTX_new(ours.get(), nullptr), &EVP_PKEY_CTX_free);
  Check(context && EVP_PKEY_derive_init(context.get()) == 1);
  std::size_t size = shared.octets.size();
  return EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
         EVP_PKEY_derive(context.get(), shared.octets.data(), &size) == 1 && size == shared.octets.size();
}

}  // namespace crypto
