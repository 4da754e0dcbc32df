// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mailbox_lock.hxx"

#include "base/error.hxx"
#include "base/text.hxx"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

namespace deliver {

namespace {

constexpr int kMaxStaleLocks = 3;  // removed in one try

struct flock WholeFile(short type) noexcept {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

// Locks of the open file, not of the process: they meet those of F_SETLK just the same.
bool TryFcntl(FdRef mailbox, std::string& holder) {
  auto lock = WholeFile(F_WRLCK);
  if (::fcntl(mailbox.Get(), F_OFD_SETLK, &lock) == 0) return true;
  if (errno != EAGAIN && errno != EACCES) ThrowErrno("Failed to lock the mailbox");
  lock = WholeFile(F_WRLCK);
  const bool known =
      ::fcntl(mailbox.Get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
  holder = known ? "process " + std::to_string(lock.l_pid) : "another process";
  return false;
}

void ReleaseFcntl(FdRef mailbox) noexcept {
  auto lock = WholeFile(F_UNLCK);
  ::fcntl(mailbox.Get(), F_OFD_SETLK, &lock);
}

// The line by which we know our own locks. The machine's name is in it because a home can be on a network.
std::string OwnMark() {
  utsname system{};
  ::uname(&system);
  return std::string("mailqueue ") + system.nodename + "\n";
}

bool IsAlive(std::string_view content) noexcept {
  pid_t pid = 0;
  std::from_chars(content.data(), content.data() + content.size(), pid);
  return pid > 0 && (::kill(pid, 0) == 0 || errno != ESRCH);
}

bool IsOld(const struct stat& status) noexcept {
  return ::time(nullptr) - status.st_mtime > std::chrono::seconds(MailboxLock::kStaleAge).count();
}

// Only asked while the fcntl lock is held; so two of us never remove each other's.
bool IsStale(const FileAt& dot_lock) {
  const UniqueFd fd = TryOpenBeneath(dot_lock, O_RDONLY | O_NONBLOCK);
  struct stat status;
  if (!fd || ::fstat(fd.Get(), &status) < 0 || !S_ISREG(status.st_mode)) return false;
  std::array<char, 256> buffer;
  const ssize_t n = ::read(fd.Get(), buffer.data(), buffer.size());
  if (n < 0) return false;
  const std::string_view content(buffer.data(), static_cast<std::size_t>(n));
  if (content.ends_with("\n" + OwnMark())) return true;
  return IsOld(status) && !IsAlive(content);
}

enum class DotLock { Made, NotAllowed, Held };

DotLock JudgeFailure(const FileAt& dot_lock) {
  if (errno == EEXIST || errno == ELOOP) return DotLock::Held;
  if (errno == EACCES || errno == EPERM || errno == EROFS || errno == ENAMETOOLONG)
    return DotLock::NotAllowed;
  ThrowErrno("Failed to make lock file", dot_lock.name);
}

std::string LockContent() {
  return std::to_string(::getpid()) + "\n" + OwnMark();
}

// Where the file system has no unnamed files. One who is killed here leaves an empty lock that nobody knows
// for ours.
DotLock MakeDotLockInSteps(const FileAt& dot_lock) {
  const UniqueFd fd = TryOpenBeneath(dot_lock, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!fd) return JudgeFailure(dot_lock);
  try {
    WriteAll(fd, LockContent());
  } catch (...) {
    RemoveFile(dot_lock);
    throw;
  }
  return DotLock::Made;
}

// The lock appears with its content, or not at all.
DotLock MakeDotLock(const FileAt& dot_lock) {
  const UniqueFd fd = TryOpenBeneath({dot_lock.directory, "."}, O_WRONLY | O_TMPFILE, 0644);
  if (!fd && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) return MakeDotLockInSteps(dot_lock);
  if (!fd) return JudgeFailure(dot_lock);
  WriteAll(fd, LockContent());
  const std::string unnamed = "/proc/self/fd/" + std::to_string(fd.Get());
  const auto& [directory, name] = dot_lock;
  if (::linkat(AT_FDCWD, unnamed.c_str(), directory.Get(), name.c_str(), AT_SYMLINK_FOLLOW) < 0)
    return JudgeFailure(dot_lock);
  return DotLock::Made;
}

DotLock TryDotLock(const FileAt& dot_lock) {
  auto result = MakeDotLock(dot_lock);
  for (int i = 0; i < kMaxStaleLocks && result == DotLock::Held && IsStale(dot_lock); ++i) {
    RemoveFile(dot_lock);
    result = MakeDotLock(dot_lock);
  }
  return result;
}

}  // namespace

std::optional<MailboxLock> MailboxLock::Try(FdRef mailbox, const FileAt& file, std::string& holder) {
  if (!TryFcntl(mailbox, holder)) return std::nullopt;
  MailboxLock lock(mailbox, {file.directory, {}});  // from here on the destructor gives it back
  FileAt dot_lock{file.directory, file.name + ".lock"};
  const auto result = TryDotLock(dot_lock);
  if (result == DotLock::Held) {
    holder = "the lock file " + Quote(dot_lock.name);
    return std::nullopt;
  }
  if (result == DotLock::Made) lock.dot_lock_ = std::move(dot_lock);
  return lock;
}

MailboxLock::MailboxLock(FdRef mailbox, FileAt dot_lock) noexcept
    : mailbox_(mailbox), dot_lock_(std::move(dot_lock)) {}

MailboxLock::MailboxLock(MailboxLock&& other) noexcept
    : mailbox_(std::exchange(other.mailbox_, FdRef(-1))),
      dot_lock_{other.dot_lock_.directory, std::exchange(other.dot_lock_.name, {})} {}

MailboxLock::~MailboxLock() {
  if (!dot_lock_.name.empty()) ::unlinkat(dot_lock_.directory.Get(), dot_lock_.name.c_str(), 0);
  if (mailbox_.Get() >= 0) ReleaseFcntl(mailbox_);
}

}  // namespace deliver
