// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sink {

/// RFC 4648 section 4, without line breaks.
[[nodiscard]] std::string EncodeBase64(std::string_view data);
/// Empty if @p text is not base64.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);
/// HMAC-MD5 in hexadecimal digits, as CRAM-MD5 has it (RFC 2195).
[[nodiscard]] std::string HmacMd5(std::string_view key, std::string_view data);

}  // namespace sink
