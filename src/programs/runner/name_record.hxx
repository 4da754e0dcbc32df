// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"

#include <string>
#include <vector>

namespace runner {

/// The names that the machine had while the mail that is in the queue was accepted: a file beside that mail,
/// so that an address of this machine does not become another machine's when the host name changes.
class NameRecord {
 public:
  static constexpr std::size_t kMaxNames = 16;  ///< the oldest go first

  /// Reads the file. One that can't be read is told in the journal, counts as empty, and stays as it is; the
  /// next Add tries again.
  /// @param directory queue/ of the spool; it and its disk outlive this
  NameRecord(Disk& disk, FdRef directory);

  /// Adds those that are new, and stores them.
  void Add(const std::vector<std::string>& names);
  /// No mail is left: only these count from now on.
  void Reset(const std::vector<std::string>& names);

  /// The file has been read, or none of it counts any more.
  [[nodiscard]] bool IsRead() const noexcept { return is_read_; }
  /// Those before today's among them. Lower case.
  [[nodiscard]] const std::vector<std::string>& All() const noexcept { return names_; }

 private:
  void Read();
  void Store(std::vector<std::string> names);

  Disk& disk_;
  FdRef directory_;
  std::vector<std::string> names_;
  bool is_read_ = false;
};

}  // namespace runner
