// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smtp {

/// The values of the DSN extension (RFC 3461), from a command line or from SMTP. Empty: not valid.

/// "NEVER", or some of SUCCESS, FAILURE and DELAY in any case; in capitals and that order.
[[nodiscard]] std::optional<std::string> ParseNotify(std::string_view text);

/// "FULL" or "HDRS", in any case.
[[nodiscard]] std::optional<std::string> ParseRet(std::string_view text);

/// An envelope identifier: at most 100 printable ASCII characters. xtext is decoded, other text stays as it
/// is.
[[nodiscard]] std::optional<std::string> ParseEnvid(std::string_view text);

/// xtext (section 4) decoded; "+" not followed by two capital hexadecimal digits is not valid.
[[nodiscard]] std::optional<std::string> DecodeXtext(std::string_view text);

/// The text as xtext: octets other than printable ASCII, "+" and "=" as +HH.
[[nodiscard]] std::string ToXtext(std::string_view text);

}  // namespace smtp
