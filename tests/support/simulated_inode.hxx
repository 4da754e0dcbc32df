// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "support/name_watch.hxx"
#include "support/stored_content.hxx"
#include "support/stored_names.hxx"

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <list>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>

/// A file or directory of a SimulatedDisk, as processes see it.
struct SimulatedInode {
  struct Entry {
    InodePtr inode;
    off_t cookie = 0;  ///< its place in the order of listing, which is drawn
  };

  std::uint64_t serial = 0;  ///< counts those that were made on a disk
  mode_t mode = 0;
  uid_t owner = 0;
  gid_t group = 0;
  timespec modified{};
  nlink_t links = 0;

  /// A memfd with the content of a file, while it has a name: without, whoever has it open has the only
  /// descriptors. Of a directory the memfd is empty, and the offset of a descriptor the cookie of the last
  /// name that was told.
  UniqueFd memory;
  ino_t number = 0;  ///< of the memfd, by which descriptors are recognised

  StoredContent content;                 ///< of a file
  std::map<std::string, Entry> entries;  ///< of a directory, from here on
  std::map<off_t, std::string> order;    ///< of entries, by cookie
  std::list<NameWatch> watches;

  [[nodiscard]] bool IsDirectory() const noexcept { return S_ISDIR(mode); }

  /// Makes a new memfd with this content: older descriptors are not recognised any more. Throws
  /// std::system_error.
  void SetMemory(std::string_view text);
  /// Opens it once more. An empty descriptor is a failure, with errno.
  [[nodiscard]] UniqueFd Open(int flags) const;
  /// As stat(2).
  /// @param file a descriptor of it
  [[nodiscard]] int Stat(FdRef file, struct stat& status) const;

  void AddEntry(const std::string& name, const InodePtr& inode, std::mt19937_64& random);
  /// Not an error if it is not there.
  void RemoveEntry(const std::string& name);
  /// As getdents64(2).
  /// @param position the cookie of the last name that was told; moves on
  /// @return octets of @p room
  [[nodiscard]] std::size_t List(off_t& position, std::span<char> room) const;
  void Tell(std::string_view name, std::uint32_t event);
};
