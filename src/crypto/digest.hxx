// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace crypto {

/// The SHA-256 digest (FIPS 180-4), 32 octets. Throws std::runtime_error if the library fails.
[[nodiscard]] std::string Sha256(std::string_view octets);

}  // namespace crypto
