// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Parsers and what must hold for whatever they read. Two programs call them: fuzz_test, with a fixed number
/// of inputs, and mailqueue-fuzz, with libFuzzer.
namespace fuzz {

struct Target {
  std::string_view name;                ///< of its folder in tests/fuzz/corpus, too
  void (*run)(std::string_view input);  ///< throws what Require and the parsers throw: the input is a find
};

/// Every one there is.
[[nodiscard]] std::span<const Target> Targets() noexcept;

/// Throws std::logic_error that names the caller's line if @p holds is false.
/// @param subject what it is about, shown escaped
void Require(bool holds, std::string_view subject = {},
             const std::source_location& where = std::source_location::current());

/// An input is taken apart into what a target needs several of. A part ends at an octet 0xfe, which no text
/// has.
[[nodiscard]] std::vector<std::string> Parts(std::string_view input);

/// No octet below 32 and no 127: nothing that ends a line, or steers a terminal.
[[nodiscard]] bool IsPrintable(std::string_view text) noexcept;

/// The text in pieces of 1, 2, 3, … octets.
[[nodiscard]] std::vector<std::string_view> Pieces(std::string_view text);

}  // namespace fuzz
