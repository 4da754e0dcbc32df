// SPDX-License-Identifier: BSD-2-Clause
#include "spool/queue.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "spool/directory_listing.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>
#include <string_view>

namespace spool {

namespace {

constexpr std::string_view kEnvelope = ".envelope";
constexpr std::string_view kMessage = ".message";
constexpr mode_t kMode = 0600;

std::string EnvelopeName(const mail::QueueId& id) {
  return id.ToString() + std::string(kEnvelope);
}
std::string NewEnvelopeName(const mail::QueueId& id) {
  return "." + EnvelopeName(id) + ".new";
}
std::string MessageName(const mail::QueueId& id) {
  return id.ToString() + std::string(kMessage);
}

void Rename(FdRef from, const std::string& name, FdRef to, const std::string& new_name) {
  if (::renameat(from.Get(), name.c_str(), to.Get(), new_name.c_str()) < 0)
    ThrowErrno("Failed to rename", name);
}

std::optional<mail::QueueId> IdOf(std::string_view name, std::string_view suffix) noexcept {
  if (!name.ends_with(suffix)) return std::nullopt;
  return mail::QueueId::Parse(name.substr(0, name.size() - suffix.size()));
}

}  // namespace

Queue::Queue(UniqueFd queue, UniqueFd corrupt) noexcept
    : queue_(std::move(queue)), corrupt_(std::move(corrupt)) {}

Queue::Contents Queue::Load() const {
  Contents contents;
  std::set<mail::QueueId> messages;
  std::set<mail::QueueId> claimed;
  const auto set_aside = [&](const std::string& name) {
    Rename(queue_, name, corrupt_, name);
    contents.set_aside.push_back(name);
  };
  const auto names = ListDirectory(queue_);
  for (const auto& name : names)
    if (const auto id = IdOf(name, kMessage)) messages.insert(*id);
  for (const auto& name : names) {
    if (name.starts_with('.')) RemoveFile({queue_, name});  // the write of an envelope, interrupted
    const auto id = IdOf(name, kEnvelope);
    if (!id) continue;
    const UniqueFd file = OpenBeneath({queue_, name}, O_RDONLY);
    auto envelope = mail::Envelope::Parse(ReadAll(file, mail::Envelope::kMaxTextSize));
    claimed.insert(*id);
    if (envelope && envelope->id == *id && messages.contains(*id)) {
      contents.envelopes.push_back(std::move(*envelope));
    } else {
      set_aside(name);
      if (messages.contains(*id)) set_aside(MessageName(*id));
    }
  }
  for (const auto& id : messages)  // taken in by half, or removed by half
    if (!claimed.contains(id)) RemoveFile({queue_, MessageName(id)});
  return contents;
}

bool Queue::Contains(const mail::QueueId& id) const {
  return ::faccessat(queue_.Get(), EnvelopeName(id).c_str(), F_OK, 0) == 0;
}

UniqueFd Queue::OpenMessage(const mail::QueueId& id) const {
  return OpenBeneath({queue_, MessageName(id)}, O_RDONLY);
}

void Queue::Update(const mail::Envelope& envelope, Durability durability) const {
  if (durability == Durability::Now) {
    ReplaceFile({queue_, EnvelopeName(envelope.id)}, envelope.ToText(), kMode);
    return;
  }
  const std::string name = NewEnvelopeName(envelope.id);
  RemoveFile({queue_, name});
  {
    const UniqueFd file = OpenBeneath({queue_, name}, O_WRONLY | O_CREAT | O_EXCL, kMode);
    WriteAll(file, envelope.ToText());
    // The name must never come to stand for a file whose octets are not there yet.
    SyncData(file);
  }
  Rename(queue_, name, queue_, EnvelopeName(envelope.id));
}

void Queue::Remove(const mail::QueueId& id) const {
  RemoveFile({queue_, EnvelopeName(id)});
  RemoveFile({queue_, MessageName(id)});
}

QueueBatch::~QueueBatch() {
  for (const auto& entry : entries_) Forget(entry.envelope.id);
}

void QueueBatch::Forget(const mail::QueueId& id) const noexcept {
  ::unlinkat(queue_.Directory().Get(), EnvelopeName(id).c_str(), 0);
  ::unlinkat(queue_.Directory().Get(), NewEnvelopeName(id).c_str(), 0);
  ::unlinkat(queue_.Directory().Get(), MessageName(id).c_str(), 0);
}

void QueueBatch::WriteEnvelope(Entry& entry) const {
  const FileAt file{queue_.Directory(), NewEnvelopeName(entry.envelope.id)};
  RemoveFile(file);
  entry.envelope_file = OpenBeneath(file, O_WRONLY | O_CREAT | O_EXCL, kMode);
  WriteAll(entry.envelope_file, entry.envelope.ToText());
}

void QueueBatch::AddWith(mail::Envelope envelope, const std::function<void(FdRef)>& write_message) {
  const auto id = envelope.id;
  if (queue_.Contains(id)) throw MakeErrno(EEXIST, "Already in the queue:", id.View());
  auto message = OpenBeneath({queue_.Directory(), MessageName(id)}, O_WRONLY | O_CREAT | O_EXCL, kMode);
  try {
    Entry entry{std::move(envelope), std::move(message), {}};
    write_message(entry.message);
    WriteEnvelope(entry);
    // Writing starts now, for all entries, so that the syncs of Commit wait for one journal transaction.
    ::sync_file_range(entry.message.Get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    ::sync_file_range(entry.envelope_file.Get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    entries_.push_back(std::move(entry));
  } catch (...) {
    Forget(id);
    throw;
  }
}

void QueueBatch::Add(mail::Envelope envelope, FdRef source, std::uint64_t offset) {
  const auto size = envelope.message_size;
  AddWith(std::move(envelope), [&](FdRef message) {
    if (CopyRange(source, offset, message, size) != size) throw MakeErrno(ENODATA, "The message was cut");
  });
}

void QueueBatch::Add(mail::Envelope envelope, const std::string& message) {
  envelope.message_size = message.size();
  AddWith(std::move(envelope), [&](FdRef file) { WriteAll(file, message); });
}

std::vector<mail::Envelope> QueueBatch::Commit() {
  for (const auto& entry : entries_) {
    Sync(entry.message);
    Sync(entry.envelope_file);
  }
  const FdRef directory = queue_.Directory();
  for (const auto& entry : entries_)
    Rename(directory, NewEnvelopeName(entry.envelope.id), directory, EnvelopeName(entry.envelope.id));
  Sync(directory);
  std::vector<mail::Envelope> envelopes;
  envelopes.reserve(entries_.size());
  for (auto& entry : entries_) envelopes.push_back(std::move(entry.envelope));
  entries_.clear();
  return envelopes;
}

}  // namespace spool
