// SPDX-License-Identifier: BSD-2-Clause
#include "table/key.hxx"

#include "base/text.hxx"
#include "table/table.hxx"

#include <algorithm>

namespace table {

std::optional<std::string> NormaliseKey(std::string_view key) {
  const bool has_control =
      std::ranges::any_of(key, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (key.empty() || key.size() > Table::kMaxKey || has_control) return std::nullopt;
  return ToLower(key);
}

}  // namespace table
