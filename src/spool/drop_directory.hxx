// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"
#include "mail/envelope.hxx"
#include "mail/time.hxx"
#include "spool/directory_reader.hxx"

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace spool {

/// A message as it was submitted, complete, but still in a file that its sender can write to.
struct Drop {
  UniqueFd file;
  mail::Envelope envelope;  ///< the believed fields only, submitter and message_size filled in
  std::uint64_t message_offset = 0;
};

/// Why something in drop/ is not a message.
struct Refusal {
  bool torn = false;  ///< it was never finished, and so never acknowledged
  std::string why;
};

/// Reads and judges what a sender wrote.
/// @param submitter the owner as the kernel knows it
/// @param now becomes the time of its submission
/// Throws std::system_error if the file can't be read: that says nothing about the message.
[[nodiscard]] std::variant<Drop, Refusal> ReadDrop(Disk& disk, UniqueFd file, uid_t submitter,
                                                   mail::Time now);

/// The directory in which anyone may create files, and nobody is trusted. What is refused for good is refused
/// for what the entry is, as fstat(2) tells it, and for nothing else: a call that fails is an exception, and
/// can be tried again.
class DropDirectory {
 public:
  /// @param spool the open directory that has drop/ and corrupt/ in it
  /// @param disk that it is on; it outlives this
  /// Throws std::system_error if there is no drop/.
  explicit DropDirectory(UniqueFd spool, Disk& disk = RealDisk());

  /// Everything in it, whatever it is. Throws std::system_error.
  [[nodiscard]] DirectoryReader List() const { return {disk_, drop_}; }

  /// A descriptor with an event of inotify(7) for each name that appears in it. Throws std::system_error.
  [[nodiscard]] UniqueFd Watch() const;

  /// Whether systemd.path(5)'s DirectoryNotEmpty= counts the name.
  [[nodiscard]] static bool Counts(std::string_view name) noexcept;

  /// The facts that the kernel has about an entry.
  struct Status {
    uid_t owner = 0;
    std::uint64_t size = 0;  ///< octets of the file
    mail::Time modified{};
  };
  /// Empty if there is no such entry. Throws std::system_error.
  [[nodiscard]] std::optional<Status> Find(const std::string& name) const;

  /// Opens and judges one entry, whatever it is, without ever blocking on it. Throws std::system_error;
  /// ENOENT if it has gone.
  /// @param now becomes the time of its submission
  [[nodiscard]] std::variant<Drop, Refusal> Open(const std::string& name, mail::Time now) const;

  /// Most of the message is holes: it takes next to nothing of its sender's disk quota. Throws
  /// std::system_error.
  [[nodiscard]] bool IsHollow(const Drop& drop) const;

  /// The first @p size octets of the message, or what there is. Throws std::system_error.
  [[nodiscard]] std::string ReadMessage(const Drop& drop, std::size_t size) const;

  /// Removes a drop that has been taken in, or that was torn. Throws std::system_error.
  void Remove(const std::string& name) const;

  static constexpr std::size_t kMaxKept = 1000;        ///< entries of corrupt/; root's may be more
  static constexpr std::size_t kMaxKeptOfOwner = 200;  ///< of these
  static constexpr std::uint64_t kMaxKeptOctets =
      std::uint64_t{64} * 1024 * 1024;  ///< on the disk, of an owner

  /// Moves an entry that is not a message out of the way: to corrupt/, or, where that can't be (another's
  /// directory with files in it, no corrupt/), under a dot-name in place; its new name is not the sender's
  /// choice. A file that can't be moved is removed, and one for which there is no room within the limits
  /// above. Throws std::system_error if nothing of this can be done.
  /// @param now names it
  /// @return where it is now, relative to the spool
  std::string SetAside(const std::string& name, mail::Time now) const;

 private:
  [[nodiscard]] UniqueFd TryOpenCorrupt() const;
  [[nodiscard]] bool MayKeep(FdRef corrupt, const std::string& name) const;
  [[nodiscard]] bool TryMove(const std::string& name, const FileAt& to) const;
  [[nodiscard]] std::string FaultOf(const struct stat& status) const;

  Disk& disk_;
  UniqueFd spool_;
  UniqueFd drop_;
  gid_t group_ = 0;  ///< of drop/: what is made in it has the same (inode(7), set-group-ID)
  mutable std::uint32_t names_made_ = 0;  ///< by SetAside: each is another one at the same time, too
};

}  // namespace spool
