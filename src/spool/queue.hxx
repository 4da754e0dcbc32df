// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "mail/envelope.hxx"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace spool {

/// The queue on disk: ID.message, which never changes, and ID.envelope, replaced by rename. An
/// entry exists as long as its envelope does. The states are listed in ARCHITECTURE.md. Every function throws
/// std::system_error.
class Queue {
 public:
  /// @param queue, corrupt open directories of one file system
  Queue(UniqueFd queue, UniqueFd corrupt) noexcept;

  struct Contents {
    std::vector<mail::Envelope> envelopes;  ///< oldest first
    std::vector<std::string> set_aside;     ///< names moved to corrupt/, because they could not be read
  };
  /// Reads every entry and clears away what an interrupted step left.
  [[nodiscard]] Contents Load() const;

  [[nodiscard]] bool Contains(const mail::QueueId& id) const;

  /// The message, for reading.
  [[nodiscard]] UniqueFd OpenMessage(const mail::QueueId& id) const;

  enum class Durability {
    Now,    ///< on stable storage when the call returns
    Later,  ///< after a crash of the machine the older envelope may be back, and loses nothing by it
  };
  void Update(const mail::Envelope& envelope, Durability durability) const;

  void Remove(const mail::QueueId& id) const;

  [[nodiscard]] FdRef Directory() const noexcept { return queue_; }

 private:
  UniqueFd queue_;
  UniqueFd corrupt_;
};

/// New entries that become durable together. What is not committed is removed again on destruction.
class QueueBatch {
 public:
  explicit QueueBatch(const Queue& queue) noexcept : queue_(queue) {}
  QueueBatch(const QueueBatch&) = delete;
  QueueBatch& operator=(const QueueBatch&) = delete;
  ~QueueBatch();

  /// Copies the message from @p source. On an exception nothing of this entry is left.
  /// @param envelope message_size says how much to copy; an ID that is in the queue throws EEXIST, a
  ///   source that is shorter throws ENODATA
  void Add(mail::Envelope envelope, FdRef source, std::uint64_t offset);

  /// Writes the message from memory; sets message_size.
  void Add(mail::Envelope envelope, const std::string& message);

  /// Afterwards every added entry is in the queue and on stable storage.
  [[nodiscard]] std::vector<mail::Envelope> Commit();

  [[nodiscard]] bool IsEmpty() const noexcept { return entries_.empty(); }

 private:
  struct Entry {
    mail::Envelope envelope;
    UniqueFd message;
    UniqueFd envelope_file;
  };
  void AddWith(mail::Envelope envelope, const std::function<void(FdRef)>& write_message);
  void WriteEnvelope(Entry& entry) const;
  void Forget(const mail::QueueId& id) const noexcept;

  const Queue& queue_;
  std::vector<Entry> entries_;
};

}  // namespace spool
