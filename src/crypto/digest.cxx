// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/digest.hxx"

#include "crypto/openssl.hxx"

#include <openssl/evp.h>

#include <cstddef>

namespace crypto {

std::string Sha256(std::string_view octets) {
  constexpr std::size_t kSize = 32;
  std::string digest(kSize, '\0');
  Check(EVP_Digest(octets.data(), octets.size(), Octets(digest), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

}  // namespace crypto
