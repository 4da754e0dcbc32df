// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"

#include <array>
#include <cstddef>
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
  DirectoryReader(Disk& disk, FdRef directory);

  /// The next name but "." and "..", in no order; empty at the end. Throws std::system_error.
  [[nodiscard]] std::optional<std::string> Next();

 private:
  /// What one call tells.
  struct Block {
    alignas(dirent64) std::array<char, 32768> records;
    std::size_t size = 0;  ///< octets
    std::size_t at = 0;    ///< of the next record
  };
  [[nodiscard]] bool Fill();

  Disk* disk_;
  UniqueFd directory_;
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
};

}  // namespace spool
