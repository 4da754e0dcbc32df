// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace crypto {

/// Base64 on one line (RFC 4648 section 4).
[[nodiscard]] std::string ToBase64(std::string_view octets);

}  // namespace crypto
