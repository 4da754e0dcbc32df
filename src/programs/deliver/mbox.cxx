// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mbox.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "programs/deliver/failure.hxx"
#include "programs/deliver/mailbox_lock.hxx"
#include "programs/deliver/mbox_entry.hxx"
#include "programs/deliver/mbox_file.hxx"
#include "programs/deliver/mbox_search.hxx"
#include "programs/deliver/wait.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <utility>
#include <variant>

namespace deliver {

namespace {

constexpr std::size_t kBlock = 64 * 1024;

// Writes to a file in large pieces.
class Writer : public Sink {
 public:
  explicit Writer(FdRef file) : file_(file) { buffer_.reserve(kBlock); }

  bool Put(std::string_view data) override {
    if (buffer_.size() + data.size() > kBlock) Flush();
    if (data.size() >= kBlock)
      WriteAll(file_, data);
    else
      buffer_ += data;
    return true;
  }
  void Flush() {
    WriteAll(file_, buffer_);
    buffer_.clear();
  }

 private:
  FdRef file_;
  std::string buffer_;
};

std::uint64_t SizeOf(FdRef mailbox) {
  struct stat status;
  if (::fstat(mailbox.Get(), &status) < 0) ThrowErrno("Failed to look at the mailbox");
  return static_cast<std::uint64_t>(status.st_size);
}

// Truncating may be refused even if it would change nothing: btrfs needs room for it.
void Truncate(FdRef mailbox, std::uint64_t size) {
  if (::ftruncate(mailbox.Get(), static_cast<off_t>(size)) == 0) return;
  const int code = errno;
  if (SizeOf(mailbox) != size) throw MakeErrno(code, "Failed to truncate", "the mailbox");
}

// What has to come before a separator line so that an empty line is in front of it: others may have left the
// last line open.
std::string_view MissingLineEnds(FdRef mailbox, std::uint64_t size) {
  std::array<char, 2> buffer;
  const auto length = std::min<std::uint64_t>(size, buffer.size());
  if (::pread(mailbox.Get(), buffer.data(), length, static_cast<off_t>(size - length)) < 0)
    ThrowErrno("Failed to read the mailbox");
  const std::string_view end(buffer.data(), length);
  if (end.empty() || end == "\n\n") return "";
  return end.ends_with('\n') ? "\n" : "\n\n";
}

class Counter : public Sink {
 public:
  bool Put(std::string_view data) override {
    octets += data.size();
    return true;
  }
  std::uint64_t octets = 0;
};

// Don't begin to write if there is no room: at a quota, btrfs also refuses to truncate, so the part could not
// be removed. A message that is written with one call is written whole or not at all anyway.
void Reserve(FdRef mailbox, std::uint64_t size, const MboxEntry& entry) {
  if (entry.MaxSize() <= kBlock) return;
  Counter counter;
  [[maybe_unused]] const bool whole = entry.WriteTo(counter);
  const auto offset = static_cast<off_t>(size);
  if (::fallocate(mailbox.Get(), FALLOC_FL_KEEP_SIZE, offset, static_cast<off_t>(counter.octets)) == 0)
    return;
  if (errno == EDQUOT || errno == ENOSPC) ThrowErrno("Failed to reserve room in the mailbox");
}

void Append(FdRef mailbox, std::uint64_t size, const MboxEntry& entry) {
  try {
    Reserve(mailbox, size, entry);
    Writer writer(mailbox);
    [[maybe_unused]] const bool whole = writer.Put(MissingLineEnds(mailbox, size)) && entry.WriteTo(writer);
    assert(whole);  // a Writer always wants more
    writer.Flush();
    Sync(mailbox);
  } catch (...) {
    Truncate(mailbox, size);
    throw;
  }
}

enum class Result { Appended, WasThere };

Result DeliverInto(FdRef mailbox, const MboxEntry& entry, bool again) {
  auto size = SizeOf(mailbox);
  const auto earlier = again ? FindEarlierCopy(mailbox, size, entry) : EarlierCopy{};
  if (earlier.kind == EarlierCopy::Kind::Whole) {
    Sync(mailbox);  // whoever wrote it may have died before syncing it
    return Result::WasThere;
  }
  if (earlier.kind == EarlierCopy::Kind::Partial) Truncate(mailbox, size = earlier.offset);
  Append(mailbox, size, entry);
  return Result::Appended;
}

}  // namespace

Mbox::Mbox(MailboxPath path, User user, std::chrono::milliseconds lock_timeout)
    : path_(std::move(path)), user_(std::move(user)), lock_timeout_(lock_timeout) {}

mail::DeliveryResult Mbox::Deliver(const local::Letter& letter) {
  const std::string name = path_.ToString();
  std::string holder = "somebody who keeps replacing it";
  try {
    const auto place = path_.Find(user_);
    if (const auto* fault = std::get_if<PathFault>(&place)) return DeferredBy(*fault, name);
    const auto& [directory, file_name] = std::get<PathWalk::Named>(place);
    const FileAt file{directory, file_name};
    bool sync_directory = letter.again;  // an earlier attempt may have made the file and got no further
    Backoff backoff(lock_timeout_);
    do {
      const auto mailbox = MboxFile::Open(file, user_);
      sync_directory |= mailbox.created;
      if (const auto fault = mailbox.FindFault(user_))
        return mail::Deferred("4.2.0", "Mailbox " + Quote(name) + " " + *fault);
      const auto lock = MailboxLock::Try(mailbox.fd, file, holder);
      if (!lock || !mailbox.IsStillAt(file)) continue;
      if (sync_directory) Sync(directory);
      const auto result = DeliverInto(mailbox.fd, MboxEntry(letter, user_), letter.again);
      return mail::Delivered("2.0.0",
                             (result == Result::Appended ? "Delivered to " : "Already in ") + Quote(name));
    } while (backoff.Wait());
  } catch (const std::system_error& error) {
    return DeferredBy(error, name);
  }
  return mail::Deferred("4.2.0", "Mailbox " + Quote(name) + " is locked by " + holder);
}

void Mbox::Make() {
  const auto place = path_.Find(user_);
  if (const auto* const named = std::get_if<PathWalk::Named>(&place))
    static_cast<void>(MboxFile::Open({named->directory, named->name}, user_));
}

mail::DeliveryResult Mbox::Explain() {
  const std::string name = path_.ToString();
  try {
    const auto place = path_.Find(user_);
    if (const auto* fault = std::get_if<PathFault>(&place)) return DeferredBy(*fault, name);
    const auto& [directory, file_name] = std::get<PathWalk::Named>(place);
    const auto mailbox = MboxFile::Find({directory, file_name});
    if (const auto fault = mailbox ? mailbox->FindFault(user_) : std::nullopt)
      return mail::Deferred("4.2.0", "Mailbox " + Quote(name) + " " + *fault);
    if (!mailbox) RefuseForbiddenName(directory, file_name, user_);
    if (auto fault = FindWriteFault({directory, mailbox ? file_name : "."}, name)) return std::move(*fault);
    return mail::Delivered("2.0.0", "would deliver to " + Quote(name));
  } catch (const std::system_error& error) {
    return DeferredBy(error, name);
  }
}

}  // namespace deliver
