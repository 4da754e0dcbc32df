// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <cstring>

namespace crypto {

/// A key of 256 bits. Whoever has a secret one wipes it; SecretKey does that by itself.
using Key = std::array<unsigned char, 32>;

/// A secret key, wiped on destruction.
struct SecretKey {
  Key octets{};

  SecretKey() = default;
  ~SecretKey() { ::explicit_bzero(octets.data(), octets.size()); }
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
};

/// The two keys of one holder.
struct KeyPair {
  Key secret;
  Key open;  ///< for everybody
};

}  // namespace crypto
