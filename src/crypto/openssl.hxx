// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

/// What the sources of this folder share; nothing for others.
namespace crypto {

/// Throws std::runtime_error unless OpenSSL has done what was asked.
inline void Check(bool is_good) {
  if (!is_good) throw std::runtime_error("A cryptographic function of OpenSSL failed");
}

inline unsigned char* Octets(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

inline const unsigned char* Octets(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace crypto
