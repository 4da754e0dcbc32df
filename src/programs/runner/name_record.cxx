// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/name_record.hxx"

#include "base/disk_file.hxx"
#include "base/error.hxx"
#include "base/text.hxx"
#include "config/domain_name.hxx"
#include "service/journal.hxx"

#include <fcntl.h>
#include <syslog.h>

#include <algorithm>
#include <cerrno>
#include <exception>

namespace runner {

namespace {

constexpr char kName[] =
    ".names";  // with a dot, the queue's directory counts as empty (mailqueue-boot.service)
constexpr std::size_t kMaxFile = 64 * 1024;
constexpr mode_t kFileMode = 0600;

std::string ReadNames(Disk& disk, FdRef directory) {
  const auto file = TryOpen(disk, {directory, kName}, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file && errno == ENOENT) return {};
  if (!file) ThrowErrno("Failed to open", kName);
  return ReadAll(disk, file, kMaxFile);
}

}  // namespace

NameRecord::NameRecord(Disk& disk, FdRef directory) : disk_(disk), directory_(directory) {
  Read();
}

void NameRecord::Read() {
  try {
    for (auto& name : SplitList(ReadNames(disk_, directory_), "\n"))
      if (config::IsDomainName(name) && names_.size() < kMaxNames && std::ranges::count(names_, name) == 0)
        names_.push_back(std::move(name));
    is_read_ = true;
  } catch (const std::exception& error) {
    service::Log(LOG_ERR, std::string("Failed to read queue/.names: ") + error.what() + ", ignoring");
  }
}

void NameRecord::Add(const std::vector<std::string>& names) {
  if (!is_read_) Read();
  auto all = names_;
  for (const auto& name : names)
    if (std::ranges::count(all, name) == 0) all.push_back(name);
  if (all.size() > kMaxNames) all.erase(all.begin(), all.end() - kMaxNames);
  Store(std::move(all));
}

void NameRecord::Reset(const std::vector<std::string>& names) {
  is_read_ = true;
  Store(names);
}

void NameRecord::Store(std::vector<std::string> names) {
  if (names == names_) return;
  names_ = std::move(names);
  if (!is_read_) return;  // what is in the file is not known, and not to be lost
  std::string text;
  for (const auto& name : names_) text += name + "\n";
  try {
    ReplaceFile(disk_, {directory_, kName}, text, kFileMode);
  } catch (const std::exception& error) {
    service::Log(LOG_ERR, std::string("Failed to write queue/.names: ") + error.what() + ", ignoring");
  }
}

}  // namespace runner
