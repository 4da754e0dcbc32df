// SPDX-License-Identifier: BSD-2-Clause
#include "spool/drop_stream.hxx"

#include "base/disk_file.hxx"
#include "base/error.hxx"
#include "spool/drop_format.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace spool {

DropStream::DropStream(const Queue& queue)
    : disk_(queue.OnDisk()), file_(::Open(disk_, {queue.Directory(), "."}, O_RDWR | O_TMPFILE, 0600)) {}

void DropStream::Add(std::string_view data) {
  WriteAll(disk_, file_, data);
  size_ += data.size();
}

// The stream becomes what a file of drop/ is: the finished head, which came last, goes to the front.
std::variant<Drop, Refusal> DropStream::Finish(uid_t submitter, mail::Time now) {
  if (size_ < 2 * kDropHeadSize) throw MakeErrno(ENODATA, "The message was cut");
  const auto end = size_ - kDropHeadSize;
  const auto head = ReadAt(disk_, file_, end, kDropHeadSize);
  if (head.size() != kDropHeadSize) throw MakeErrno(EIO, "Failed to read a submitted message");
  if (disk_.LSeek(file_, 0, SEEK_SET) < 0) ThrowErrno("Failed to rewind a submitted message");
  WriteAll(disk_, file_, head);
  if (disk_.FTruncate(file_, static_cast<off_t>(end)) < 0) ThrowErrno("Failed to cut a submitted message");
  return ReadDrop(disk_, std::exchange(file_, UniqueFd()), submitter, now);
}

}  // namespace spool
