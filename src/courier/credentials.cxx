// SPDX-License-Identifier: BSD-2-Clause
#include "courier/credentials.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/wipe.hxx"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace courier {

namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;

// Only memory of the kernel has seals: no FIFO, and no file of a file system that a user's program serves.
bool IsSealed(FdRef file) noexcept {
  const int seals = ::fcntl(file.Get(), F_GET_SEALS);
  return seals >= 0 && (seals & kSeals) == kSeals;
}

std::string ReadFrom(FdRef file, std::size_t size) {
  std::string text(size, '\0');
  std::size_t at = 0;
  while (at < size) {
    const ssize_t n = ::pread(file.Get(), text.data() + at, size - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to read credentials");
    if (n == 0) break;
    at += static_cast<std::size_t>(n);
  }
  text.resize(at);
  return text;
}

}  // namespace

CredentialWriter::~CredentialWriter() {
  Wipe(text_);
}

bool CredentialWriter::Add(std::string_view label, std::string_view text) {
  const auto colon = text.find(':');
  const bool is_line = text.find_first_of(std::string_view("\0\r\n", 3)) == text.npos;
  if (colon == text.npos || colon == 0 || !is_line || text.size() > kMaxCredential) return false;
  if (text_.size() + label.size() + text.size() + 2 > kMaxCredentialFile) return false;
  text_.append(label).append(":").append(text).append("\n");
  return true;
}

UniqueFd CredentialWriter::Seal() const {
  UniqueFd file(::memfd_create("mailqueue-credentials", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) ThrowErrno("Failed to make a file in memory");
  WriteAll(file, text_);
  if (::fcntl(file.Get(), F_ADD_SEALS, kSeals | F_SEAL_SEAL) < 0) ThrowErrno("Failed to seal credentials");
  return file;
}

std::optional<std::string> FindCredential(FdRef file, std::string_view label) {
  struct stat status;
  if (!IsSealed(file) || ::fstat(file.Get(), &status) < 0) return std::nullopt;
  if (static_cast<std::size_t>(status.st_size) > kMaxCredentialFile) return std::nullopt;
  auto text = ReadFrom(file, static_cast<std::size_t>(status.st_size));
  std::optional<std::string> found;
  std::string_view rest = text;
  while (!found && !rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    if (line.starts_with(label) && line.substr(label.size()).starts_with(':'))
      found.emplace(line.substr(label.size() + 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Wipe(text);
  return found;
}

}  // namespace courier
