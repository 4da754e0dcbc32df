// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/mount_watch.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "service/journal.hxx"

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace runner {

namespace {

constexpr char kMountInfo[] = "/proc/self/mountinfo";
constexpr std::size_t kMaxMountInfo = 16 * 1024 * 1024;  // octets
constexpr std::string_view kSystems[] = {"/dev", "/proc", "/run", "/sys"};

// "36 35 98:0 / /home rw,noatime …": the fifth word is the mount point.
bool IsSystems(std::string_view line) {
  const auto words = SplitList(line, " ");
  return words.size() > 4 && std::ranges::any_of(kSystems, [&](std::string_view top) {
           return words[4] == top || words[4].starts_with(std::string(top) + "/");
         });
}

}  // namespace

MountWatch::MountWatch(asio::io_context& context, std::function<void()> on_change)
    : mountinfo_(context), afterwards_(context), on_change_(std::move(on_change)) {}

void MountWatch::Start() {
  Try([this] { Open(); });
}

template <typename Step>
void MountWatch::Try(Step step) {
  try {
    step();
  } catch (const std::exception& e) {
    service::Log(LOG_ERR,
                 std::string(e.what()) + ", mail for a home that is mounted later is tried when it is due");
  }
}

void MountWatch::Open() {
  UniqueFd file(::open(kMountInfo, O_RDONLY | O_CLOEXEC));
  if (!file) ThrowErrno("Failed to open", kMountInfo);
  mountinfo_.assign(file.Release());
  mounts_ = Mounts();
  Wait();
}

void MountWatch::Wait() {
  mountinfo_.async_wait(asio::posix::descriptor_base::wait_error, [this](std::error_code error) {
    if (!error) Try([this] { Look(); });
  });
}

void MountWatch::Look() {
  auto mounts = Mounts();
  const bool has_changed = mounts != mounts_;
  mounts_ = std::move(mounts);
  Wait();
  if (!has_changed) return;
  afterwards_.expires_after(kAfterwards);
  afterwards_.async_wait([this](std::error_code error) {
    if (!error) on_change_();
  });
  on_change_();
}

// Their lines have a number that tells one from another in the same place.
std::set<std::size_t> MountWatch::Mounts() {
  const FdRef file(mountinfo_.native_handle());
  if (::lseek(file.Get(), 0, SEEK_SET) < 0) ThrowErrno("Failed to read", kMountInfo);
  std::set<std::size_t> mounts;
  for (const auto& line : SplitList(ReadAll(file, kMaxMountInfo), "\n"))
    if (!IsSystems(line)) mounts.insert(std::hash<std::string>()(line));
  return mounts;
}

}  // namespace runner
