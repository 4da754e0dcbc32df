// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace local {

/// The files that say what is mounted on this machine, and what may be.
struct MountTables {
  /// proc(5), mountinfo; of the first that can be read. An agent hides /home from itself, so its own mounts
  /// are not those of the machine.
  std::vector<std::string> mounted{"/proc/1/mountinfo", "/proc/self/mountinfo"};
  std::string wanted = "/etc/fstab";  ///< fstab(5)
  /// Directories of systemd.mount(5) and systemd.automount(5)
  std::vector<std::string> units{
      "/etc/systemd/system",           "/run/systemd/system",          "/run/systemd/transient",
      "/run/systemd/generator",        "/run/systemd/generator.early", "/run/systemd/generator.late",
      "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",      "/lib/systemd/system"};
};

/// Why a directory that does not exist may appear by itself.
enum class Prospect {
  None,    ///< nothing promises it
  Mount,   ///< a file system that is to be mounted on the way to it, and is not
  Autofs,  ///< an autofs(5) mount, below which it appears when it is entered and can be mounted
};

/// @param path absolute. Throws std::system_error if what is mounted can't be read.
[[nodiscard]] Prospect FindProspect(std::string_view path, const MountTables& tables);

}  // namespace local
