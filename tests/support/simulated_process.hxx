// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/simulated_disk.hxx"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// A process that uses a SimulatedDisk: who it is, which of its calls fail, and
/// where it stops.
class SimulatedProcess final : public Disk {
 public:
  // clang-format off
  enum class Call {
    OpenAt, Read, PRead, Write, PWrite, CopyFileRange, LSeek, FTruncate, FChMod, FStat, FStatAt, FStatVfs, FSync,
    FDataSync, SyncFileRange, RenameAt, UnlinkAt, LinkAt, MkDirAt, GetDents, Watch,
  };
  // clang-format on

  /// What happens to some calls.
  struct Fault {
    static constexpr int kShort = -1;

    enum class Repeat { Once, Always, EveryThird };
    std::optional<Call> call{};  ///< of these; empty: of all
    unsigned first = 1;          ///< counted from 1, from FailAt on
    Repeat repeat = Repeat::Once;
    /// An errno value. kShort: half of what was to be read, written or copied.
    /// 0: it says 0 and does nothing.
    int error = 0;
  };

  /// @param disk outlives this
  /// @param owner,group of what the process makes
  SimulatedProcess(SimulatedDisk& disk, uid_t owner, gid_t group);
  ~SimulatedProcess() override;

  /// How many calls it has made.
  [[nodiscard]] unsigned Calls() const noexcept { return calls_; }

  /// It is killed. As destructors make calls, too, this can't be an exception:
  /// from here on each call fails and does nothing, and what the process says
  /// doesn't count.
  void Stop() noexcept { is_stopped_ = true; }
  /// Stops it before a call.
  /// @param call counts from 1, from now on
  void StopAt(unsigned call) noexcept { stop_ = calls_ + call; }
  [[nodiscard]] bool IsStopped() const noexcept { return is_stopped_; }

  /// Beside the faults that were set before.
  void FailAt(const Fault& fault) { faults_.push_back({fault}); }
  void ClearFaults() noexcept { faults_.clear(); }

  /// @param trace is called with a line about each call and its result
  void SetTrace(std::function<void(const std::string&)> trace) { trace_ = std::move(trace); }

  [[nodiscard]] UniqueFd OpenAt(const FileAt& file, int flags, mode_t mode) override;
  [[nodiscard]] ssize_t Read(FdRef file, std::span<char> room) override;
  [[nodiscard]] ssize_t PRead(FdRef file, std::span<char> room, off_t offset) override;
  [[nodiscard]] ssize_t Write(FdRef file, std::string_view data) override;
  [[nodiscard]] ssize_t PWrite(FdRef file, std::string_view data, off_t offset) override;
  [[nodiscard]] ssize_t CopyFileRange(FdRef in, off_t& offset, FdRef out, std::size_t length) override;
  [[nodiscard]] off_t LSeek(FdRef file, off_t offset, int whence) override;
  [[nodiscard]] int FTruncate(FdRef file, off_t length) override;
  [[nodiscard]] int FChMod(FdRef file, mode_t mode) override;
  [[nodiscard]] int FStat(FdRef file, struct stat& status) override;
  [[nodiscard]] int FStatAt(const FileAt& file, struct stat& status) override;
  [[nodiscard]] int FStatVfs(FdRef file, struct statvfs& status) override;
  [[nodiscard]] int FSync(FdRef file) override;
  [[nodiscard]] int FDataSync(FdRef file) override;
  int SyncFileRange(FdRef file, off_t offset, off_t length) override;
  [[nodiscard]] int RenameAt(const FileAt& from, const FileAt& to, unsigned flags) override;
  [[nodiscard]] int UnlinkAt(const FileAt& file, int flags) override;
  [[nodiscard]] int LinkAt(FdRef file, const FileAt& to) override;
  [[nodiscard]] int MkDirAt(const FileAt& directory, mode_t mode) override;
  [[nodiscard]] ssize_t GetDents(FdRef directory, std::span<char> room) override;
  [[nodiscard]] UniqueFd Watch(FdRef directory) override;

 private:
  struct Planned {
    Fault fault;
    unsigned seen = 0;  ///< calls
    [[nodiscard]] bool Hits(Call call) noexcept;
  };
  enum class Way { Whole, Half, Nothing, Error };

  [[nodiscard]] Way Begin(Call call);
  template <typename What, typename Do>
  ssize_t Make(Call call, const What& what, const Do& make);

  SimulatedDisk& disk_;
  SimulatedDisk::Creator self_;
  unsigned calls_ = 0;
  unsigned stop_ = 0;  ///< 0: nowhere
  bool is_stopped_ = false;
  std::vector<Planned> faults_;
  std::function<void(const std::string&)> trace_;
};
