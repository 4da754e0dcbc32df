// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "crypto/key.hxx"

#include <string_view>

namespace crypto {

/// Makes a key of a shared secret by HKDF with SHA-256 and no salt (RFC 5869). Throws std::runtime_error if
/// the library fails.
/// @param info says what the key is for: other keys of the same secret differ
void DeriveKey(const SecretKey& shared, std::string_view info, SecretKey& key);

}  // namespace crypto
