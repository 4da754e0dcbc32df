// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "crypto/key.hxx"

/// Key agreement by X25519 (RFC 7748 section 6.1). All of these throw std::runtime_error if the library
/// fails.
namespace crypto {

[[nodiscard]] KeyPair MakeKeys();

/// The pair that @p secret belongs to.
[[nodiscard]] KeyPair KeysOf(const Key& secret);

/// @param shared the secret that the holders of the two pairs have in common
/// @return false if @p open is not a public key
[[nodiscard]] bool Agree(const Key& secret, const Key& open, SecretKey& shared);

}  // namespace crypto
