// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>

namespace ctl {

/// The person at the terminal, or the program that feeds standard input in their place.
class Terminal {
 public:
  static constexpr std::size_t kMaxLine = 4096;  ///< octets

  /// Standard input and output are a terminal: there is somebody to be asked.
  [[nodiscard]] static bool IsThere() noexcept;
  /// One line, without its end. Asks nothing where nobody is there. Throws std::runtime_error at the end of
  /// the input, and for a line that is too long.
  [[nodiscard]] static std::string Ask(const std::string& question);
  /// The same, without showing what is typed.
  [[nodiscard]] static std::string AskSecret(const std::string& question);
  /// True for an answer that begins with "y"; false where nobody is there.
  [[nodiscard]] static bool Confirm(const std::string& question);
};

}  // namespace ctl
