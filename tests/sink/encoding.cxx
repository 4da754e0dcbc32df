// SPDX-License-Identifier: BSD-2-Clause
#include "encoding.hxx"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace sink {

namespace {

const unsigned char* Octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string EncodeBase64(std::string_view data) {
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), Octets(data),
                                   static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty()) return std::string();
  std::string data(text.size() / 4 * 3, '\0');
  if (text.size() % 4 || EVP_DecodeBlock(reinterpret_cast<unsigned char*>(data.data()), Octets(text),
                                         static_cast<int>(text.size())) < 0)
    return std::nullopt;
  if (text.ends_with("==")) data.pop_back();  // the padding came out as zeros
  if (text.ends_with("=")) data.pop_back();
  return data;
}

std::string HmacMd5(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  HMAC(EVP_md5(), key.data(), static_cast<int>(key.size()), Octets(data), data.size(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i)
    text += {"0123456789abcdef"[digest[i] >> 4], "0123456789abcdef"[digest[i] & 15]};
  return text;
}

}  // namespace sink
