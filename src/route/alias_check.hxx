// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "table/file_table.hxx"

#include <string>
#include <vector>

namespace route {

/// All that is wrong with a file of aliases, the lines as well as the destinations in them, as
/// "FILE:LINE: TEXT" in the order of the lines. Throws table::Unavailable.
[[nodiscard]] std::vector<std::string> CheckAliases(table::FileTable& aliases);

}  // namespace route
