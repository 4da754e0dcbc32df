// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A line from an SMTP client: "VERB argument" (RFC 5321 section 4.1.1).
struct SmtpCommand {
  std::string verb;  ///< in capitals
  std::string argument;

  [[nodiscard]] static SmtpCommand Parse(std::string_view line);
};

/// A parameter of MAIL or RCPT (RFC 5321 section 4.1.2, esmtp-param).
struct SmtpParameter {
  std::string name;  ///< in capitals
  std::string value;
};

/// The argument of MAIL and RCPT: "FROM:<path> NAME=VALUE …".
struct SmtpPath {
  std::string address;  ///< without angle brackets and route; empty: "<>"
  std::vector<SmtpParameter> parameters;

  /// Blanks before the path and a path without angle brackets are taken, as clients send them.
  /// @param prefix "FROM:" or "TO:"
  /// @return empty if it isn't one
  [[nodiscard]] static std::optional<SmtpPath> Parse(std::string_view prefix, std::string_view argument);
};
