// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/file_identity.hxx"
#include "table/table.hxx"
#include "table/text_entries.hxx"

namespace table {

/// A table in a text file, see ParseTextEntries. A file that does not exist is an empty table, and a fault
/// but for kMayBeMissing; so is the null device, and no fault. One that was read and now can't be stays as it
/// was.
class FileTable : public Table {
 public:
  static constexpr std::size_t kMaxSize = 64 * 1024 * 1024;          ///< octets of the file
  static constexpr std::string_view kMayBeMissing = "/etc/aliases";  ///< most machines have no alias

  explicit FileTable(std::string path, Separator separator = Separator::Any)
      : path_(std::move(path)), separator_(separator) {}
  FileTable(const FileTable&) = delete;
  FileTable& operator=(const FileTable&) = delete;

  [[nodiscard]] std::optional<Found> Lookup(std::string_view key) override;
  [[nodiscard]] std::vector<std::string> Faults() const override;

  /// Those of Faults() that concern the file as a whole.
  [[nodiscard]] std::vector<std::string> FileFaults() const;
  /// Every entry, as the file is now. Throws Unavailable.
  /// @return valid until the next call of a member that is not const
  [[nodiscard]] const TextEntries& Entries();
  /// Another one whenever the last call of Entries() or Lookup() has found other entries; never 0 behind it.
  [[nodiscard]] std::size_t Version() const noexcept { return version_; }
  [[nodiscard]] const std::string& Path() const noexcept { return path_; }

 private:
  enum class State { Unread, Read, Missing };

  void Refresh();
  void Load(FdRef fd, const struct stat& status);
  void Clear(State state);
  void OnProblem(const std::string& problem);

  std::string path_;
  Separator separator_;
  State state_ = State::Unread;
  FileIdentity identity_;
  bool settled_ = false;  // identity_ tells every change from now on
  bool open_to_all_ = false;
  std::string text_;
  TextEntries entries_;  // of text_
  std::size_t version_ = 0;
  std::string problem_;  // why what is in force is not what the file says now
};

}  // namespace table
