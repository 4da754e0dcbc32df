// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "base/fd.hxx"

namespace spool {

/// The names in an open directory, sorted, without "." and "..". Throws std::system_error.
[[nodiscard]] std::vector<std::string> ListDirectory(FdRef directory);

}  // namespace spool
