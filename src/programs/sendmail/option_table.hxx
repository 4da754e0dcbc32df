// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/sendmail/options.hxx"

#include <optional>
#include <string>

/// A letter of the command line, what follows it, and what it does.
struct Option {
  enum class Argument {
    None,
    Required,  ///< attached or the next word
    Attached,  ///< attached or not there
  };

  char letter;
  Argument argument;
  /// @return why the value is refused, if it is
  std::optional<UsageError> (*apply)(Options& options, const std::string& value);
};

/// Null if there is no such option.
[[nodiscard]] const Option* FindOption(char letter) noexcept;
