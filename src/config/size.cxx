// SPDX-License-Identifier: BSD-2-Clause
#include "config/size.hxx"

#include "base/text.hxx"

#include <limits>

namespace config {

namespace {

constexpr std::string_view kSizeUnits = "KMGT";

}  // namespace

std::optional<std::uint64_t> ParseSize(std::string_view text) noexcept {
  unsigned shift = 0;
  if (!text.empty()) {
    if (const auto unit = kSizeUnits.find(text.back()); unit != kSizeUnits.npos) {
      shift = 10 * (static_cast<unsigned>(unit) + 1);
      text.remove_suffix(1);
    }
  }
  const auto number = ParseNumber<std::uint64_t>(text);
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() >> shift) return std::nullopt;
  return *number << shift;
}

}  // namespace config
