// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mbox_entry.hxx"

#include "base/error.hxx"
#include "programs/deliver/mboxrd_quoter.hxx"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace deliver {

namespace {

constexpr std::size_t kPiece = 64 * 1024;

std::size_t ReadAt(FdRef file, std::vector<char>& buffer, std::size_t size, std::uint64_t offset) {
  ssize_t n;
  do n = ::pread(file.Get(), buffer.data(), size, static_cast<off_t>(offset));
  while (n < 0 && errno == EINTR);
  if (n < 0) ThrowErrno("Failed to read the message");
  return static_cast<std::size_t>(n);
}

}  // namespace

MboxEntry::MboxEntry(const local::Letter& letter, const User& user)
    : head_(local::MakeSeparator(letter.envelope) + local::MakeHead(letter, user)),
      message_(letter.message),
      message_size_(letter.envelope.message_size) {}

std::uint64_t MboxEntry::MaxSize() const noexcept {
  return head_.size() + 2 * message_size_ + 2;  // at worst every sixth octet is quoted
}

bool MboxEntry::WriteTo(Sink& sink) const {
  if (!sink.Put(head_)) return false;
  MboxrdQuoter quoter(sink);
  std::vector<char> buffer(kPiece);
  for (std::uint64_t offset = 0; offset < message_size_;) {
    const auto size =
        ReadAt(message_, buffer, std::min<std::uint64_t>(kPiece, message_size_ - offset), offset);
    if (size == 0) throw MakeErrno(ENODATA, "The message is shorter than its envelope says");
    if (!quoter.Put({buffer.data(), size})) return false;
    offset += size;
  }
  if (ReadAt(message_, buffer, 1, message_size_) != 0)
    throw MakeErrno(EOVERFLOW, "The message is longer than its envelope says");
  return quoter.Finish() && sink.Put("\n");
}

}  // namespace deliver
