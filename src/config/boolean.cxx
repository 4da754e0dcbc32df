// SPDX-License-Identifier: BSD-2-Clause
#include "config/boolean.hxx"

#include "base/text.hxx"

#include <algorithm>

namespace config {

std::optional<bool> ParseBoolean(std::string_view text) noexcept {
  static constexpr std::string_view kYes[] = {"1", "yes", "y", "true", "t", "on"};
  static constexpr std::string_view kNo[] = {"0", "no", "n", "false", "f", "off"};
  const auto is_text = [&](std::string_view word) { return EqualsIgnoreCase(word, text); };
  if (std::ranges::any_of(kYes, is_text)) return true;
  if (std::ranges::any_of(kNo, is_text)) return false;
  return std::nullopt;
}

}  // namespace config
