// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "crypto/key.hxx"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Authenticated encryption by ChaCha20-Poly1305 (RFC 8439). The nonce is always zero, so a key must be used
/// for one text alone. Both functions throw std::runtime_error if the library fails.
namespace crypto {

constexpr std::size_t kTagSize = 16;  ///< octets that follow the encrypted text

[[nodiscard]] std::string Encrypt(const SecretKey& key, std::string_view text);

/// @return empty if that was not made with @p key. The caller wipes what was secret.
[[nodiscard]] std::optional<std::string> Decrypt(const SecretKey& key, std::string_view encrypted);

}  // namespace crypto
