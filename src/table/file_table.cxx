// SPDX-License-Identifier: BSD-2-Clause
#include "table/file_table.hxx"

#include "base/file.hxx"
#include "table/key.hxx"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace table {

namespace {

bool IsNullDevice(const struct stat& status) noexcept {
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

bool IsMissing(int code) noexcept {
  return code == ENOENT || code == ENOTDIR;
}

timespec Now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

}  // namespace

std::optional<Found> FileTable::Lookup(std::string_view key) {
  Refresh();
  const auto normal = NormaliseKey(key);
  const auto* const entry = normal ? entries_.Find(*normal) : nullptr;
  if (!entry) return std::nullopt;
  return Found{std::string(entry->value), path_ + ":" + std::to_string(entry->line), entry->value_line};
}

const TextEntries& FileTable::Entries() {
  Refresh();
  return entries_;
}

void FileTable::Refresh() {
  struct stat status;
  const bool known = settled_ && ::stat(path_.c_str(), &status) == 0 && identity_ == FileIdentity(status);
  if (known) return;
  // Without O_NONBLOCK, opening a FIFO would block until somebody writes to it.
  const UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return IsMissing(errno) ? Clear(State::Missing) : OnProblem(std::strerror(errno));
  if (::fstat(fd.Get(), &status) < 0) return OnProblem(std::strerror(errno));
  if (IsNullDevice(status)) return Clear(State::Read);
  if (!S_ISREG(status.st_mode)) return OnProblem("not a regular file");
  if (static_cast<std::size_t>(status.st_size) > kMaxSize) return OnProblem("larger than 64 MiB");
  try {
    Load(fd, status);
  } catch (const std::system_error& error) {
    OnProblem(error.code().message());
  }
}

void FileTable::Load(FdRef fd, const struct stat& status) {
  auto text = ReadAll(fd, kMaxSize);
  identity_ = FileIdentity(status);
  settled_ = !identity_.IsFresh(Now());
  open_to_all_ = status.st_mode & S_IWOTH;
  problem_.clear();
  if (state_ == State::Read && text == text_) return;
  state_ = State::Read;
  text_ = std::move(text);
  entries_ = ParseTextEntries(text_, separator_);
  ++version_;
}

void FileTable::Clear(State state) {
  state_ = state;
  settled_ = false;
  open_to_all_ = false;
  problem_.clear();
  if (version_ == 0 || !text_.empty()) ++version_;
  entries_ = {};
  text_.clear();
}

void FileTable::OnProblem(const std::string& problem) {
  settled_ = false;
  problem_ = "failed to read: " + problem;
  if (state_ != State::Read) throw Unavailable("failed to read " + path_ + ": " + problem);
  problem_ += ", keeping what was in it";
}

std::vector<std::string> FileTable::FileFaults() const {
  std::vector<std::string> faults;
  if (!problem_.empty()) faults.push_back(path_ + ": " + problem_);
  if (state_ == State::Read && open_to_all_)
    faults.push_back(path_ + ": can be written by everybody, who may so read others' mail: chmod o-w");
  if (state_ == State::Missing && path_ != kMayBeMissing)
    faults.push_back(path_ + ": there is no such file; the table is empty");
  return faults;
}

std::vector<std::string> FileTable::Faults() const {
  auto faults = FileFaults();
  for (const auto& fault : entries_.faults)
    faults.push_back(path_ + ":" + std::to_string(fault.line) + ": " + fault.text);
  return faults;
}

}  // namespace table
