// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"
#include "base/disk_room.hxx"
#include "support/simulated_inode.hxx"
#include "support/stored_names.hxx"

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

class SimulatedProcess;

/// A disk in memory that loses at a power failure what was not synced. Each file is a memfd, so its
/// descriptors are the kernel's. Links, owners and modes are modelled as far as the spool looks at them:
/// rights are not checked, modes and owners are stored at once, and there are no symbolic links. All of it is
/// for one thread.
class SimulatedDisk {
 public:
  /// What a power failure leaves. A file's content is stored after fsync(2) or fdatasync(2) of it.
  enum class Rule {
    /// As ext4 and XFS do it: fsync(2) of anything stores all changes of names before it, and a beginning of
    /// those after it is kept. So it is with what is written to a file.
    Journal,
    /// fsync(2) of a file stores its own names, as btrfs does it, and of a directory the names in it. Any of
    /// the other changes may be kept.
    OwnNames,
    /// POSIX promises no more: fsync(2) of a file stores none of its names. A file that was not synced has
    /// sectors that are new, old or zero.
    Posix,
  };

  /// Who makes a file.
  struct Creator {
    uid_t owner = 0;
    gid_t group = 0;
  };

  /// @param seed of all that is drawn
  SimulatedDisk(Rule rule, std::uint64_t seed);
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  /// Makes a directory, which is stored at once. Throws std::system_error.
  /// @param path absolute, as all here
  void MakeDirectory(const std::string& path, mode_t mode, const Creator& creator);
  /// Opens a directory for reading, for whom it may concern. Throws std::system_error.
  [[nodiscard]] UniqueFd OpenDirectory(const std::string& path);

  /// Time passes: everything is stored, as the kernel does it by itself after a while.
  void WriteBack();
  /// Loses what is not stored, or not all of it, as drawn, and stops all processes, whose descriptors are of
  /// no use afterwards.
  void CutPower();

  /// The names in a directory, sorted. Throws std::system_error.
  [[nodiscard]] std::vector<std::string> Names(const std::string& directory) const;
  [[nodiscard]] bool Has(const std::string& path) const;
  /// The content of a file. Throws std::system_error.
  [[nodiscard]] std::string Content(const std::string& path) const;

  /// What files that are written to get as their time.
  void SetTime(timespec now) noexcept { now_ = now; }
  /// What statvfs(2) says. What a full disk does is a fault of a SimulatedProcess.
  void SetRoom(const DiskRoom& room) noexcept { room_ = room; }

 private:
  friend class SimulatedProcess;
  using Place = StoredNames::Place;

  // The calls of SimulatedProcess: as in Disk.
  [[nodiscard]] UniqueFd OpenAt(const FileAt& file, int flags, mode_t mode, const Creator& creator);
  [[nodiscard]] ssize_t Write(FdRef file, std::string_view data);
  [[nodiscard]] ssize_t PWrite(FdRef file, std::string_view data, off_t offset);
  [[nodiscard]] ssize_t CopyFileRange(FdRef in, off_t& offset, FdRef out, std::size_t length);
  [[nodiscard]] int FTruncate(FdRef file, off_t length);
  [[nodiscard]] int FChMod(FdRef file, mode_t mode);
  [[nodiscard]] int FStat(FdRef file, struct stat& status) const;
  [[nodiscard]] int FStatAt(const FileAt& file, struct stat& status) const;
  [[nodiscard]] int FStatVfs(FdRef file, struct statvfs& status) const;
  [[nodiscard]] int Sync(FdRef file, bool with_names);
  void FailSync(FdRef file);
  [[nodiscard]] int RenameAt(const FileAt& from, const FileAt& to, unsigned flags);
  [[nodiscard]] int UnlinkAt(const FileAt& file, int flags);
  [[nodiscard]] int LinkAt(FdRef file, const FileAt& to);
  [[nodiscard]] int MkDirAt(const FileAt& directory, mode_t mode, const Creator& creator);
  [[nodiscard]] ssize_t GetDents(FdRef directory, std::span<char> room) const;
  [[nodiscard]] UniqueFd Watch(FdRef directory);
  void ContinueWatches();

  // For a trace.
  [[nodiscard]] std::string Describe(FdRef file) const;
  [[nodiscard]] std::string Describe(const FileAt& file) const;
  [[nodiscard]] std::string Describe(const std::pair<FileAt, FileAt>& files) const;

  // What is not found is null or empty, with errno.
  [[nodiscard]] InodePtr Find(FdRef file) const;
  [[nodiscard]] std::optional<Place> Resolve(const FileAt& file) const;
  [[nodiscard]] InodePtr Find(const Place& place) const;
  [[nodiscard]] InodePtr Find(const FileAt& file) const;
  [[nodiscard]] InodePtr Get(const std::string& path) const;

  [[nodiscard]] InodePtr MakeInode(mode_t mode, const Creator& creator, const InodePtr& directory);
  void Sweep();
  void Make(StoredNames::Change change);
  void Restore();

  Rule rule_;
  std::mt19937_64 random_;
  timespec now_{};
  DiskRoom room_{std::uint64_t{1} << 40, std::uint64_t{1} << 39, 1 << 20, 1 << 19};
  InodePtr root_;
  StoredNames names_;
  std::map<ino_t, InodePtr> inodes_;  ///< by number; those that nobody has open any more, too, until Sweep
  std::size_t sweep_at_ = 0;          ///< inodes
  std::uint64_t made_ = 0;            ///< inodes
  std::set<InodePtr, InodeOrder> watched_;
  std::set<SimulatedProcess*> processes_;
};
