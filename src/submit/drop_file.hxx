// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"
#include "mail/queue_id.hxx"
#include "submit/source.hxx"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace submit {

/// A file on its way into drop/: without a name until it is whole (O_TMPFILE; a dot-name on file systems that
/// have none), so that a sender who dies leaves nothing that the runner would take. The destructor removes a
/// dot-name. What can fail for reasons that the submit socket may not share returns an errno value, 0 for
/// success.
class DropFile {
 public:
  /// @param disk that the spool is on; it outlives this
  /// @param directory the drop/ of the spool, an absolute path
  DropFile(Disk& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}
  DropFile(const DropFile&) = delete;
  DropFile& operator=(const DropFile&) = delete;
  ~DropFile();

  /// @param id gives a dot-name, where one is needed
  [[nodiscard]] int Open(mail::QueueId id);

  /// Appends as much of @p data as can be written and removes it from @p data.
  [[nodiscard]] int Write(std::string_view& data);

  /// Appends as much of @p data as the kernel can copy from where it stands in a file, and removes it from
  /// @p data: the rest, or all of it, is left to Write.
  void Copy(FileOrigin origin, std::string_view& data);

  /// Overwrites what stands at @p offset.
  [[nodiscard]] int Overwrite(std::uint64_t offset, std::string_view data);

  /// Gives the file its name. EEXIST: try another one.
  [[nodiscard]] int Link(mail::QueueId id);

  /// Puts file and name on stable storage: an fsync after the link carries both, as drop/ itself can't be
  /// opened. EIO and the like: the name is removed again. 0 if the runner has taken the file meanwhile, as it
  /// is in the queue then.
  [[nodiscard]] int SyncOrUnlink();

  [[nodiscard]] std::uint64_t Size() const noexcept { return size_; }
  /// For reading back what was written.
  [[nodiscard]] FdRef Fd() const noexcept { return fd_; }

 private:
  [[nodiscard]] int OpenNamed(mail::QueueId id);
  [[nodiscard]] int MakeReadable();

  Disk& disk_;
  std::string directory_;
  UniqueFd fd_;
  std::string path_;     // its name so far: a dot-name or the final one; empty: none
  bool linked_ = false;  // path_ is the final one
  bool copies_ = true;   // Copy may work
  std::uint64_t size_ = 0;
};

}  // namespace submit
