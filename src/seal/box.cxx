// SPDX-License-Identifier: BSD-2-Clause
#include "seal/box.hxx"

#include "base/wipe.hxx"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace seal {

namespace {

constexpr std::size_t kTag = 16;  // octets
constexpr std::string_view kPurpose = "mailqueue seal 1";

using PKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

/// A secret that is wiped when it goes.
struct Secret {
  Key octets{};
  Secret() = default;
  ~Secret() { OPENSSL_cleanse(octets.data(), octets.size()); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
};

void Check(bool is_good) {
  if (!is_good) throw std::runtime_error("OpenSSL failed to seal or to open a box");
}

PKey SecretKey(const Key& secret) {
  PKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret.data(), secret.size()),
           &EVP_PKEY_free);
  Check(key != nullptr);
  return key;
}

PKey OpenKey(const Key& open) {
  PKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, open.data(), open.size()), &EVP_PKEY_free);
  Check(key != nullptr);
  return key;
}

// False if it is not a public key.
bool Agree(const Key& secret, const Key& open, Secret& shared) {
  const auto ours = SecretKey(secret);
  const auto theirs = OpenKey(open);
  const PKeyContext context(EVP_PKEY_CTX_new(ours.get(), nullptr), &EVP_PKEY_CTX_free);
  Check(context && EVP_PKEY_derive_init(context.get()) == 1);
  std::size_t size = shared.octets.size();
  return EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
         EVP_PKEY_derive(context.get(), shared.octets.data(), &size) == 1 && size == shared.octets.size();
}

void Expand(const Secret& shared, const Key& ephemeral, const Key& recipient, Secret& key) {
  std::string info(kPurpose);
  info.append(ephemeral.begin(), ephemeral.end()).append(recipient.begin(), recipient.end());
  const PKeyContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr), &EVP_PKEY_CTX_free);
  std::size_t size = key.octets.size();
  Check(context && EVP_PKEY_derive_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) == 1 &&
        EVP_PKEY_CTX_set1_hkdf_key(context.get(), shared.octets.data(),
                                   static_cast<int>(shared.octets.size())) == 1 &&
        EVP_PKEY_CTX_add1_hkdf_info(context.get(), reinterpret_cast<const unsigned char*>(info.data()),
                                    static_cast<int>(info.size())) == 1 &&
        EVP_PKEY_derive(context.get(), key.octets.data(), &size) == 1);
}

// The key is for one box alone, so the nonce may be the same for all.
Cipher StartCipher(const Secret& key, bool encrypt) {
  constexpr unsigned char kNonce[12] = {};
  Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Check(cipher && EVP_CipherInit_ex(cipher.get(), EVP_chacha20_poly1305(), nullptr, key.octets.data(), kNonce,
                                    encrypt ? 1 : 0) == 1);
  return cipher;
}

unsigned char* Octets(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

const unsigned char* Octets(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

KeyPair KeysOf(const Key& secret) {
  KeyPair keys{secret, {}};
  std::size_t size = keys.open.size();
  Check(EVP_PKEY_get_raw_public_key(SecretKey(secret).get(), keys.open.data(), &size) == 1);
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

std::string Seal(std::string_view text, const Key& recipient) {
  auto ephemeral = MakeKeys();
  Secret shared;
  Secret key;
  const bool agreed = Agree(ephemeral.secret, recipient, shared);
  OPENSSL_cleanse(ephemeral.secret.data(), ephemeral.secret.size());
  Check(agreed);
  Expand(shared, ephemeral.open, recipient, key);
  const auto cipher = StartCipher(key, true);
  std::string box(ephemeral.open.begin(), ephemeral.open.end());
  box.resize(kOverhead + text.size());
  auto* const out = Octets(box) + ephemeral.open.size();
  int size = 0;
  int rest = 0;
  Check(EVP_CipherUpdate(cipher.get(), out, &size, Octets(text), static_cast<int>(text.size())) == 1 &&
        EVP_CipherFinal_ex(cipher.get(), out + size, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTag, out + text.size()) == 1);
  return box;
}

std::optional<std::string> Open(std::string_view box, const KeyPair& keys) {
  if (box.size() < kOverhead) return std::nullopt;
  Key ephemeral;
  std::copy_n(box.begin(), ephemeral.size(), ephemeral.begin());
  Secret shared;
  Secret key;
  if (!Agree(keys.secret, ephemeral, shared)) return std::nullopt;
  Expand(shared, ephemeral, keys.open, key);
  const auto cipher = StartCipher(key, false);
  const auto sealed = box.substr(ephemeral.size(), box.size() - kOverhead);
  std::string tag(box.substr(box.size() - kTag));
  std::string text(sealed.size(), '\0');
  int size = 0;
  int rest = 0;
  Check(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1);
  const bool is_whole = EVP_CipherUpdate(cipher.get(), Octets(text), &size, Octets(sealed),
                                         static_cast<int>(sealed.size())) == 1 &&
                        EVP_CipherFinal_ex(cipher.get(), Octets(text) + size, &rest) == 1;
  if (is_whole) return text;
  Wipe(text);
  return std::nullopt;
}

}  // namespace seal
