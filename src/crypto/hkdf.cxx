// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/hkdf.hxx"

#include "crypto/openssl.hxx"

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <cstddef>
#include <memory>

namespace crypto {

void DeriveKey(const SecretKey& shared, std::string_view info, SecretKey& key) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr), &EVP_PKEY_CTX_free);
  std::size_t size = key.octets.size();
  Check(context && EVP_PKEY_derive_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) == 1 &&
        EVP_PKEY_CTX_set1_hkdf_key(context.get(), shared.octets.data(),
                                   static_cast<int>(shared.octets.size())) == 1 &&
        EVP_PKEY_CTX_add1_hkdf_info(context.get(), Octets(info), static_cast<int>(info.size())) == 1 &&
        EVP_PKEY_derive(context.get(), key.octets.data(), &size) == 1);
}

}  // namespace crypto
