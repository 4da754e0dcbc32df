// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Texts that only the holder of a key can read, whoever carries them.
namespace seal {

/// A key of X25519 (RFC 7748), secret or public.
using Key = std::array<unsigned char, 32>;

struct KeyPair {
  Key secret;
  Key open;  ///< for those who seal
};

/// The octets that a box has besides its text: a key for this box alone, and the tag.
constexpr std::size_t kOverhead = 32 + 16;

/// All of these throw std::runtime_error if the library fails.
[[nodiscard]] KeyPair MakeKeys();
/// The pair that @p secret belongs to.
[[nodiscard]] KeyPair KeysOf(const Key& secret);

/// A box with @p text for whoever has the secret to @p recipient. It is X25519 with a new key, HKDF-SHA256
/// (RFC 5869) over both public keys, and ChaCha20-Poly1305 (RFC 8439), as in the base mode of RFC 9180:
/// nobody can read it or change a part of it unnoticed, but anybody can make one.
[[nodiscard]] std::string Seal(std::string_view text, const Key& recipient);
/// The text; empty if it is no box for @p keys. The caller wipes what was secret.
[[nodiscard]] std::optional<std::string> Open(std::string_view box, const KeyPair& keys);

}  // namespace seal
