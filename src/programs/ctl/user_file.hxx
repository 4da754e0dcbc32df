// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>

namespace ctl {

/// A file of the caller's that is to be written anew, as it should stay where it is.
struct UserFile {
  std::string directory;  ///< where it really is
  std::string name;       ///< in it
  mode_t mode = 0644;     ///< what it has; this for a new one
};

/// Follows the symbolic links of @p path, which is absolute: people keep such files elsewhere, and a link
/// must stay one. Throws SetupError for one that leads nowhere, and std::system_error.
[[nodiscard]] UserFile FindUserFile(const std::string& path);

}  // namespace ctl
