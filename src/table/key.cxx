// SPDX-License-Identifier: BSD-2-Clause
#include "table/key.hxx"

#include "base/text.hxx"
#include "table/table.hxx"

namespace table {

std::optional<std::string> NormaliseKey(std::string_view key) {
  if (key.empty() || key.size() > Table::kMaxKey || HasControl(key)) return std::nullopt;
  return ToLower(key);
}

}  // namespace table
