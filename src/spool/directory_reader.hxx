// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <dirent.h>
#include <memory>
#include <optional>
#include <string>

namespace spool {

/// The names in a directory, one after the other, so that a large one can be read beside other work. Of what
/// changes meanwhile it may tell or not.
class DirectoryReader {
 public:
  /// @param directory open; it is not needed afterwards
  /// Throws std::system_error.
  explicit DirectoryReader(FdRef directory);

  /// The next name but "." and "..", in no order; empty at the end. Throws std::system_error.
  [[nodiscard]] std::optional<std::string> Next();

 private:
  struct Close {
    void operator()(DIR* stream) const noexcept { ::closedir(stream); }
  };
  std::unique_ptr<DIR, Close> stream_;
};

}  // namespace spool
