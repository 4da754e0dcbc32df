// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/base64.hxx"

#include "crypto/openssl.hxx"

#include <openssl/evp.h>

namespace crypto {

// EVP_EncodeBlock also writes a NUL.
std::string ToBase64(std::string_view octets) {
  std::string text(4 * ((octets.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(Octets(text), Octets(octets), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace crypto
