// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smtp::server {

/// A line from an SMTP client: "VERB argument" (RFC 5321 section 4.1.1).
struct Command {
  std::string verb;  ///< in capitals
  std::string argument;

  [[nodiscard]] static Command Parse(std::string_view line);
};

/// A parameter of MAIL or RCPT (RFC 5321 section 4.1.2, esmtp-param).
struct Parameter {
  std::string name;  ///< in capitals
  std::string value;
};

/// The argument of MAIL and RCPT: "FROM:<path> NAME=VALUE …".
struct Path {
  std::string address;  ///< without angle brackets and route; empty: "<>"
  std::vector<Parameter> parameters;

  /// Blanks before the path and a path without angle brackets are taken, as clients send them.
  /// @param prefix "FROM:" or "TO:"
  /// @return empty if it isn't one
  [[nodiscard]] static std::optional<Path> Parse(std::string_view prefix, std::string_view argument);
};

}  // namespace smtp::server
