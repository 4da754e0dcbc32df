// SPDX-License-Identifier: BSD-2-Clause
#include "spool/queue.hxx"

#include "base/disk_file.hxx"
#include "base/error.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

namespace spool {

namespace {

constexpr std::string_view kEnvelope = ".envelope";
constexpr std::string_view kMessage = ".message";
constexpr std::string_view kNew = ".new";
constexpr std::string_view kHalf = ".half";
constexpr std::string_view kReported = ".reported";
constexpr mode_t kMode = 0600;

using Kind = Unreadable::Kind;

std::string EnvelopeName(const mail::QueueId& id) {
  return id.ToString() + std::string(kEnvelope);
}
std::string MessageName(const mail::QueueId& id) {
  return id.ToString() + std::string(kMessage);
}
// While this is there, and no envelope, the message has not been taken in yet, or is done with: its text
// goes.
std::string HalfEnvelopeName(const mail::QueueId& id) {
  return "." + EnvelopeName(id) + std::string(kHalf);
}
// What an envelope in the queue is to become. Alone it says nothing about the text.
std::string NewEnvelopeName(const mail::QueueId& id) {
  return "." + EnvelopeName(id) + std::string(kNew);
}
std::string NewMessageName(const mail::QueueId& id) {
  return "." + MessageName(id) + std::string(kNew);
}
std::string ReportedName(const mail::QueueId& id) {
  return "." + id.ToString() + std::string(kReported);
}

std::optional<mail::QueueId> IdOf(std::string_view name, std::string_view suffix) noexcept {
  if (!name.ends_with(suffix)) return std::nullopt;
  return mail::QueueId::Parse(name.substr(0, name.size() - suffix.size()));
}

// A name of something that is not finished, or of a note: ".ID" and what stands behind it.
std::optional<mail::QueueId> IdOfHidden(std::string_view name) noexcept {
  if (!name.starts_with('.')) return std::nullopt;
  const auto rest = name.substr(1);
  for (const auto suffix : {kEnvelope, kMessage})
    if (rest.ends_with(kNew))
      if (const auto id = IdOf(rest.substr(0, rest.size() - kNew.size()), suffix)) return id;
  if (rest.ends_with(kHalf)) return IdOf(rest.substr(0, rest.size() - kHalf.size()), kEnvelope);
  return IdOf(rest, kReported);
}

// Judges by owner and mode, because access(2) or open(2) may fail for another reason.
bool IsReadable(const struct stat& status) noexcept {
  if (::geteuid() == 0) return true;
  if (status.st_uid == ::geteuid()) return status.st_mode & S_IRUSR;
  return status.st_mode & (status.st_gid == ::getegid() ? S_IRGRP : S_IROTH);
}

// The fault of a file, for a person; empty: none.
std::string FaultOf(const char* what, const std::optional<struct stat>& status) {
  const std::string subject = std::string("its ") + what;
  if (!status) return subject + " is missing";
  if (!S_ISREG(status->st_mode)) return subject + " is not a regular file";
  return IsReadable(*status) ? "" : subject + " can't be read, as its owner and mode are";
}

std::string TextToStore(const mail::Envelope& envelope) {
  auto text = envelope.ToText();
  if (text.size() > mail::Envelope::kMaxTextSize)
    throw MakeErrno(EFBIG, "Failed to store an envelope of", std::to_string(text.size()));
  return text;
}

}  // namespace

Queue::Queue(UniqueFd queue, Disk& disk) noexcept : disk_(disk), queue_(std::move(queue)) {}

bool Queue::Has(const std::string& name) const {
  return FindStatus(disk_, {queue_, name}).has_value();
}

Queue::Reading Queue::Read(const mail::QueueId& id) const try {
  const std::string name = EnvelopeName(id);
  const auto status = FindStatus(disk_, {queue_, name});
  auto message = FindStatus(disk_, {queue_, MessageName(id)});
  if (status && !message && FinishCommit(id)) message = FindStatus(disk_, {queue_, MessageName(id)});
  if (!status && !message) return std::monostate();
  if (auto fault = FaultOf("envelope", status); !fault.empty())
    return Unreadable{Kind::Damaged, std::move(fault)};
  if (static_cast<std::uint64_t>(status->st_size) > mail::Envelope::kMaxTextSize)
    return Unreadable{Kind::Damaged, "its envelope is too large"};
  const UniqueFd file = Open(disk_, {queue_, name}, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const auto text = ReadAll(disk_, file, mail::Envelope::kMaxTextSize);
  // A truncated envelope could be a valid one with fewer recipients.
  if (text.size() != static_cast<std::uint64_t>(StatusOf(disk_, file).st_size))
    throw MakeErrno(EIO, "Failed to read", name);
  auto envelope = mail::Envelope::Parse(text);
  if (!envelope && mail::Envelope::IsNewer(text))
    return Unreadable{Kind::Newer, "a newer version of mailqueue has written it"};
  if (!envelope) return Unreadable{Kind::Damaged, "its envelope is malformed"};
  if (envelope->id != id) return Unreadable{Kind::Damaged, "its envelope has another queue ID"};
  if (auto fault = FaultOf("text", message); !fault.empty())
    return Unreadable{Kind::Damaged, std::move(fault)};
  if (static_cast<std::uint64_t>(message->st_size) < envelope->message_size)
    return Unreadable{Kind::Damaged, "its text has been cut"};
  return std::move(*envelope);
} catch (const std::system_error& e) {
  return Unreadable{Kind::Failing, e.what()};
}

// A commit names the message first and then the envelope. A disk that keeps no order may have kept the second
// change only: the message is whole, since it was synced before either.
bool Queue::FinishCommit(const mail::QueueId& id) const {
  if (being_written_.contains(id)) return false;
  if (disk_.RenameAt({queue_, NewMessageName(id)}, {queue_, MessageName(id)}, 0) == 0) return true;
  if (errno != ENOENT) ThrowErrno("Failed to rename", NewMessageName(id));
  return false;
}

bool Queue::Contains(const mail::QueueId& id) const {
  return Has(EnvelopeName(id));
}

bool Queue::HoldsOther(const std::function<bool(const mail::QueueId&)>& known) const {
  DirectoryReader names(disk_, queue_);
  while (const auto name = names.Next()) {
    const auto id = IdOf(*name, kEnvelope);
    const auto message = id ? id : IdOf(*name, kMessage);
    if (message && !known(*message)) return true;
  }
  return false;
}

UniqueFd Queue::OpenMessage(const mail::QueueId& id) const {
  return Open(disk_, {queue_, MessageName(id)}, O_RDONLY);
}

std::string Queue::ReadMessage(const mail::QueueId& id, std::size_t size) const {
  return ReadAt(disk_, OpenMessage(id), 0, size);
}

std::uint64_t Queue::Update(const mail::Envelope& envelope, Durability durability) const {
  const auto text = TextToStore(envelope);
  if (durability == Durability::Now) {
    ReplaceFile(disk_, {queue_, EnvelopeName(envelope.id)}, text, kMode);
    return text.size();
  }
  const FileAt written{queue_, NewEnvelopeName(envelope.id)};
  RemoveFile(disk_, written);
  {
    const UniqueFd file = Open(disk_, written, O_WRONLY | O_CREAT | O_EXCL, kMode);
    WriteAll(disk_, file, text);
    // The name must never come to stand for a file whose octets are not there yet.
    SyncData(disk_, file);
  }
  Rename(disk_, written, {queue_, EnvelopeName(envelope.id)});
  return text.size();
}

// The envelope goes first, and leaves its note that this was meant, so that a message without an envelope
// is known for what it is: one that has lost it.
void Queue::Remove(const mail::QueueId& id) const {
  const FileAt note{queue_, HalfEnvelopeName(id)};
  if (disk_.RenameAt({queue_, EnvelopeName(id)}, note, 0) < 0 && errno != ENOENT)
    ThrowErrno("Failed to remove", EnvelopeName(id));
  if (disk_.UnlinkAt({queue_, MessageName(id)}, 0) == 0 || errno == ENOENT)
    static_cast<void>(disk_.UnlinkAt(note, 0));
}

bool Queue::IsReported(const mail::QueueId& id) const {
  return Has(ReportedName(id));
}

void Queue::SetReported(const mail::QueueId& id) const {
  const UniqueFd file = Open(disk_, {queue_, ReportedName(id)}, O_WRONLY | O_CREAT, kMode);
  Sync(disk_, file);
  SyncNames();
}

void Queue::SyncNames() const {
  Sync(disk_, queue_);
}

std::optional<mail::QueueId> QueueScan::Next() {
  const auto name = names_.Next();
  at_end_ = !name;
  if (!name) return std::nullopt;
  try {
    return Judge(*name);
  } catch (const std::system_error& e) {
    fault_ = e.what();
    return std::nullopt;
  }
}

std::optional<mail::QueueId> QueueScan::Judge(const std::string& name) const {
  if (const auto id = IdOf(name, kEnvelope)) return id;
  const auto remove = [this](const std::string& left) { RemoveFile(queue_.disk_, {queue_.queue_, left}); };
  if (const auto id = IdOf(name, kMessage)) {
    if (queue_.Contains(*id) || queue_.being_written_.contains(*id)) return std::nullopt;
    if (!queue_.Has(HalfEnvelopeName(*id))) return id;
    remove(name);  // taken in by half, or removed by half
    return std::nullopt;
  }
  const auto id = IdOfHidden(name);
  if (!id || queue_.being_written_.contains(*id)) return std::nullopt;
  // Queue::Read finishes that commit.
  if (name == NewMessageName(*id) && queue_.Contains(*id) && !queue_.Has(MessageName(*id)))
    return std::nullopt;
  const bool is_note = name == ReportedName(*id);
  if (is_note && (queue_.Contains(*id) || queue_.Has(MessageName(*id)))) return std::nullopt;
  // The note about a message goes behind the message.
  if (name == HalfEnvelopeName(*id) && !queue_.Contains(*id)) remove(MessageName(*id));
  // It may be all that is left of the envelope, for who repairs the message.
  if (name == NewEnvelopeName(*id) && !queue_.Contains(*id) && queue_.Has(MessageName(*id)))
    return std::nullopt;
  remove(name);
  return std::nullopt;
}

MessageCopy::MessageCopy(const Queue& queue, mail::Envelope envelope, UniqueFd source, std::uint64_t offset)
    : queue_(&queue), envelope_(std::move(envelope)), source_(std::move(source)), offset_(offset) {
  const FileAt file{queue.queue_, NewMessageName(envelope_.id)};
  RemoveFile(queue.disk_, file);  // what a crash left
  message_ = Open(queue.disk_, file, O_WRONLY | O_CREAT | O_EXCL, kMode);
  queue.being_written_.insert(envelope_.id);
}

MessageCopy::MessageCopy(MessageCopy&& other) noexcept
    : queue_(std::exchange(other.queue_, nullptr)),
      envelope_(std::move(other.envelope_)),
      source_(std::move(other.source_)),
      offset_(other.offset_),
      copied_(other.copied_),
      message_(std::move(other.message_)),
      is_named_(other.is_named_) {}

MessageCopy::~MessageCopy() {
  if (!queue_) return;
  if (!is_named_)
    static_cast<void>(queue_->disk_.UnlinkAt({queue_->queue_, NewMessageName(envelope_.id)}, 0));
  queue_->being_written_.erase(envelope_.id);
}

bool MessageCopy::Continue(std::uint64_t octets) {
  const auto size = std::min(octets, envelope_.message_size - copied_);
  const auto done = CopyRange(queue_->disk_, source_, offset_ + copied_, message_, size);
  copied_ += done;
  if (done < size) throw MakeErrno(ENODATA, "The message was cut");
  // Writing starts now, so that the syncs of the commit wait for one journal transaction.
  queue_->disk_.SyncFileRange(message_, static_cast<off_t>(copied_ - done), static_cast<off_t>(done));
  return copied_ == envelope_.message_size;
}

// A message that has its final name already is removed like any other one.
QueueBatch::~QueueBatch() {
  for (const auto& entry : entries_) {
    try {
      queue_.Remove(entry.copy.Envelope().id);
    } catch (const std::system_error&) {
      // It stays in the queue; the next look at the queue finds it.
    }
  }
}

void QueueBatch::Add(MessageCopy copy) {
  const auto& id = copy.Envelope().id;
  if (queue_.Contains(id)) throw MakeErrno(EEXIST, "Already in the queue:", id.View());
  const auto text = TextToStore(copy.Envelope());
  const FileAt file{queue_.queue_, HalfEnvelopeName(id)};
  RemoveFile(disk_, file);
  UniqueFd envelope_file = Open(disk_, file, O_WRONLY | O_CREAT | O_EXCL, kMode);
  try {
    WriteAll(disk_, envelope_file, text);
    disk_.SyncFileRange(envelope_file, 0, 0);
    entries_.push_back({std::move(copy), std::move(envelope_file)});
  } catch (...) {
    static_cast<void>(disk_.UnlinkAt(file, 0));
    throw;
  }
}

void QueueBatch::Add(mail::Envelope envelope, UniqueFd source, std::uint64_t offset) {
  if (queue_.Contains(envelope.id)) throw MakeErrno(EEXIST, "Already in the queue:", envelope.id.View());
  MessageCopy copy(queue_, std::move(envelope), std::move(source), offset);
  [[maybe_unused]] const bool whole = copy.Continue(copy.Envelope().message_size);
  Add(std::move(copy));
}

void QueueBatch::Add(mail::Envelope envelope, const std::string& message) {
  if (queue_.Contains(envelope.id)) throw MakeErrno(EEXIST, "Already in the queue:", envelope.id.View());
  envelope.message_size = message.size();
  MessageCopy copy(queue_, std::move(envelope), {}, 0);
  WriteAll(disk_, copy.message_, message);
  disk_.SyncFileRange(copy.message_, 0, 0);
  Add(std::move(copy));
}

std::vector<mail::Envelope> QueueBatch::Commit() {
  for (const auto& entry : entries_) {
    Sync(disk_, entry.copy.message_);
    Sync(disk_, entry.envelope_file);
  }
  const FdRef directory = queue_.queue_;
  for (auto& entry : entries_) {
    const auto& id = entry.copy.Envelope().id;
    Rename(disk_, {directory, NewMessageName(id)}, {directory, MessageName(id)});
    entry.copy.is_named_ = true;
    Rename(disk_, {directory, HalfEnvelopeName(id)}, {directory, EnvelopeName(id)});
  }
  queue_.SyncNames();
  std::vector<mail::Envelope> envelopes;
  envelopes.reserve(entries_.size());
  for (auto& entry : entries_) envelopes.push_back(std::move(entry.copy.envelope_));
  entries_.clear();
  return envelopes;
}

}  // namespace spool
