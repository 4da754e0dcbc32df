// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace table {

/// A key as tables compare it: in lower case (ASCII). Empty for one that no table has: an empty one, one
/// longer than Table::kMaxKey, or one with control characters, which would mean something else to a program
/// or database.
[[nodiscard]] std::optional<std::string> NormaliseKey(std::string_view key);

}  // namespace table
