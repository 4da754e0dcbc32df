// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <string>
#include <vector>

namespace spool {

/// The names in an open directory, sorted, without "." and "..". Throws std::system_error.
[[nodiscard]] std::vector<std::string> ListDirectory(FdRef directory);

}  // namespace spool
