// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace config {

constexpr std::size_t kMaxFileSize = 1024 * 1024;  ///< octets; a larger file is no configuration

struct FileText {
  std::string text;     ///< empty for a missing file, and for /dev/null, which masks a drop-in
  std::string problem;  ///< not empty: there is something, but it can't be read, and why
};

/// Never throws, never waits (a FIFO or device in place of the file is a problem).
[[nodiscard]] FileText TryReadFile(const std::string& path);

struct FileList {
  std::vector<std::string> paths;
  std::string problem;  ///< not empty: the directory of drop-ins can't be read, and why
};

/// mailqueue.conf of @p directory, and its drop-ins in the order of their names.
[[nodiscard]] FileList ListFiles(const std::string& directory);

[[nodiscard]] std::string DropInDirectory(const std::string& directory);

}  // namespace config
