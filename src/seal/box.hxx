// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "crypto/key.hxx"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Texts that only the holder of a key can read, whoever carries them.
namespace seal {

/// The octets that a box has besides its text: a key for this box alone, and the tag.
constexpr std::size_t kOverhead = 32 + 16;

/// A box with @p text for whoever has the secret to @p recipient. It is X25519 with a new key, HKDF-SHA256
/// (RFC 5869) over both public keys, and ChaCha20-Poly1305 (RFC 8439), as in the base mode of RFC 9180:
/// nobody can read it or change a part of it unnoticed, but anybody can make one. Throws std::runtime_error
/// if the library fails.
[[nodiscard]] std::string Seal(std::string_view text, const crypto::Key& recipient);
/// The text; empty if it is no box for @p keys. The caller wipes what was secret. Throws std::runtime_error
/// if the library fails.
[[nodiscard]] std::optional<std::string> Open(std::string_view box, const crypto::KeyPair& keys);

}  // namespace seal
