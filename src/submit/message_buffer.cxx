// SPDX-License-Identifier: BSD-2-Clause
#include "submit/message_buffer.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <new>

namespace submit {

namespace {

constexpr mode_t kOwnersOnly = 0600;

// Without a name from the beginning, or where the file system can't do that from a moment later on.
UniqueFd MakeUnnamedFile(const std::string& directory) noexcept try {
  UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, kOwnersOnly));
  if (file || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return file;
  std::string path = directory + "/mailqueue-XXXXXX";
  file = UniqueFd(::mkostemp(path.data(), O_CLOEXEC));
  if (file) ::unlink(path.c_str());
  return file;
} catch (const std::bad_alloc&) {
  errno = ENOMEM;
  return {};
}

UniqueFd MakeTemporaryFile() noexcept {
  const char* const directory = ::secure_getenv("TMPDIR");
  if (directory && *directory == '/')
    if (auto file = MakeUnnamedFile(directory)) return file;
  return MakeUnnamedFile("/tmp");
}

int Append(FdRef file, std::string_view& data) noexcept {
  while (!data.empty()) {
    const ssize_t n = ::write(file.Get(), data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

int MessageBuffer::Write(std::string_view& data) noexcept {
  if (!file_ && Keep(data)) {
    data = {};
    return 0;
  }
  if (!file_)
    if (const int error = MoveToFile()) return error;
  const auto before = data.size();
  const int error = Append(file_, data);
  size_ += before - data.size();
  return error;
}

bool MessageBuffer::Keep(std::string_view data) noexcept try {
  if (memory_.size() + data.size() > kMaxInMemory) return false;
  memory_ += data;
  size_ += data.size();
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

int MessageBuffer::MoveToFile() noexcept {
  auto file = MakeTemporaryFile();
  if (!file) return errno;
  std::string_view all = memory_;
  if (const int error = Append(file, all)) return error;
  file_ = std::move(file);
  std::string().swap(memory_);
  return 0;
}

int MessageBuffer::Read(std::uint64_t offset, std::span<char> room, std::string_view& part) const noexcept {
  if (!file_) {
    part = std::string_view(memory_).substr(static_cast<std::size_t>(offset));
    return 0;
  }
  ssize_t n;
  do n = ::pread(file_.Get(), room.data(), room.size(), static_cast<off_t>(offset));
  while (n < 0 && errno == EINTR);
  if (n < 0) return errno;
  part = {room.data(), static_cast<std::size_t>(n)};
  return n == 0 ? EIO : 0;
}

}  // namespace submit
