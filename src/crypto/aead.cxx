// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/aead.hxx"

#include "base/wipe.hxx"
#include "crypto/openssl.hxx"

#include <openssl/evp.h>

#include <memory>

namespace crypto {

namespace {

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher StartCipher(const SecretKey& key, bool encrypt) {
  constexpr unsigned char kNonce[12] = {};
  Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Check(cipher && EVP_CipherInit_ex(cipher.get(), EVP_chacha20_poly1305(), nullptr, key.octets.data(), kNonce,
                                    encrypt ? 1 : 0) == 1);
  return cipher;
}

}  // namespace

std::string Encrypt(const SecretKey& key, std::string_view text) {
  const auto cipher = StartCipher(key, true);
  std::string encrypted(text.size() + kTagSize, '\0');
  auto* const out = Octets(encrypted);
  int size = 0;
  int rest = 0;
  Check(EVP_CipherUpdate(cipher.get(), out, &size, Octets(text), static_cast<int>(text.size())) == 1 &&
        EVP_CipherFinal_ex(cipher.get(), out + size, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, out + text.size()) == 1);
  return encrypted;
}

std::optional<std::string> Decrypt(const SecretKey& key, std::string_view encrypted) {
  if (encrypted.size() < kTagSize) return std::nullopt;
  const auto cipher = StartCipher(key, false);
  const auto sealed = encrypted.substr(0, encrypted.size() - kTagSize);
  std::string tag(encrypted.substr(sealed.size()));
  std::string text(sealed.size(), '\0');
  int size = 0;
  int rest = 0;
  Check(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1);
  const bool is_whole = EVP_CipherUpdate(cipher.get(), Octets(text), &size, Octets(sealed),
                                         static_cast<int>(sealed.size())) == 1 &&
                        EVP_CipherFinal_ex(cipher.get(), Octets(text) + size, &rest) == 1;
  if (is_whole) return text;
  Wipe(text);
  return std::nullopt;
}

}  // namespace crypto
