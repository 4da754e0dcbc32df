// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"
#include "base/disk_room.hxx"
#include "mail/envelope.hxx"
#include "spool/directory_reader.hxx"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace spool {

/// Why a message of the queue can't be attempted now. It is left as it is.
struct Unreadable {
  enum class Kind {
    Damaged,  ///< its files are not what they have to be, until a person mends them
    Newer,    ///< a later version of this program wrote its envelope
    Failing,  ///< a call failed, which says nothing about the message
  };
  Kind kind = Kind::Failing;
  std::string why;
};

/// The queue on disk: ID.message, which never changes, and ID.envelope, replaced by rename. An entry exists
/// as long as its envelope does. The states are listed in ARCHITECTURE.md. Names that are none of these
/// belong to others, and are left alone. Functions that can fail throw std::system_error.
class Queue {
 public:
  /// @param queue the open directory
  /// @param disk that it is on; it outlives this
  explicit Queue(UniqueFd queue, Disk& disk = RealDisk()) noexcept;

  /// One message: its envelope; the reason why it can't be read; or nothing, if it is not there.
  using Reading = std::variant<std::monostate, mail::Envelope, Unreadable>;
  [[nodiscard]] Reading Read(const mail::QueueId& id) const;

  /// The envelope is there, readable or not.
  [[nodiscard]] bool Contains(const mail::QueueId& id) const;

  /// Something is there of a message that is not known.
  [[nodiscard]] bool HoldsOther(const std::function<bool(const mail::QueueId&)>& known) const;

  /// The message, for reading.
  [[nodiscard]] UniqueFd OpenMessage(const mail::QueueId& id) const;

  /// The first @p size octets of the message, or what there is.
  [[nodiscard]] std::string ReadMessage(const mail::QueueId& id, std::size_t size) const;

  enum class Durability {
    Now,    ///< on stable storage when the call returns
    Later,  ///< after a crash of the machine the older envelope may be back, and loses nothing by it
  };
  /// An envelope that Read() would refuse for its size is not written: EFBIG.
  /// @return the octets of the stored envelope
  std::uint64_t Update(const mail::Envelope& envelope, Durability durability) const;

  /// Afterwards the message is not in the queue. Where its files can't be removed, the next start does it.
  void Remove(const mail::QueueId& id) const;

  /// Root has been told that the message is damaged. It is remembered, as a file, until the message has gone.
  [[nodiscard]] bool IsReported(const mail::QueueId& id) const;
  void SetReported(const mail::QueueId& id) const;

  /// Whatever has a name here keeps it: a commit that was cut short may have left its names without the sync
  /// behind them.
  void SyncNames() const;

  /// On the disk that it is on.
  [[nodiscard]] DiskRoom Room() const { return FindDiskRoom(disk_, queue_); }

  [[nodiscard]] Disk& OnDisk() const noexcept { return disk_; }
  [[nodiscard]] FdRef Directory() const noexcept { return queue_; }

 private:
  friend class MessageCopy;
  friend class QueueBatch;
  friend class QueueScan;

  [[nodiscard]] bool Has(const std::string& name) const;
  [[nodiscard]] bool FinishCommit(const mail::QueueId& id) const;

  Disk& disk_;
  UniqueFd queue_;
  mutable std::set<mail::QueueId> being_written_;  ///< by a MessageCopy
};

/// Goes over the queue on disk, one name after the other, so that other work can be done in between. What
/// interrupted steps have left is cleared away.
class QueueScan {
 public:
  /// Throws std::system_error.
  explicit QueueScan(const Queue& queue) : queue_(queue), names_(queue.OnDisk(), queue.Directory()) {}

  /// Looks at the next name. Throws std::system_error if there may be others that can't be read.
  /// @return the message, if the name is that of an envelope, or of a message that has lost it; Queue::Read
  ///   tells more
  [[nodiscard]] std::optional<mail::QueueId> Next();
  [[nodiscard]] bool AtEnd() const noexcept { return at_end_; }
  /// The fault that kept some names so far from being looked at or cleared away; empty: none.
  [[nodiscard]] const std::string& Fault() const noexcept { return fault_; }

 private:
  [[nodiscard]] std::optional<mail::QueueId> Judge(const std::string& name) const;

  const Queue& queue_;
  DirectoryReader names_;
  bool at_end_ = false;
  std::string fault_;
};

/// A message on its way into the queue, copied a piece at a time. What is not given to a QueueBatch and
/// committed is removed again on destruction.
class MessageCopy {
 public:
  /// @param envelope message_size says how much to copy
  /// @param source where the message is, from @p offset on
  /// Throws std::system_error.
  MessageCopy(const Queue& queue, mail::Envelope envelope, UniqueFd source, std::uint64_t offset);
  MessageCopy(MessageCopy&& other) noexcept;
  MessageCopy& operator=(MessageCopy&&) = delete;
  ~MessageCopy();

  /// Copies @p octets more, or what is left. Throws std::system_error; ENODATA if the source is shorter.
  /// @return true if all of it has been copied
  [[nodiscard]] bool Continue(std::uint64_t octets);

  [[nodiscard]] const mail::Envelope& Envelope() const noexcept { return envelope_; }

 private:
  friend class QueueBatch;

  const Queue* queue_;  ///< null: moved from
  mail::Envelope envelope_;
  UniqueFd source_;
  std::uint64_t offset_;
  std::uint64_t copied_ = 0;
  UniqueFd message_;
  bool is_named_ = false;  ///< its name is the final one
};

/// New entries that become durable together. What is not committed is removed again on destruction.
class QueueBatch {
 public:
  explicit QueueBatch(const Queue& queue) noexcept : queue_(queue), disk_(queue.OnDisk()) {}
  QueueBatch(const QueueBatch&) = delete;
  QueueBatch& operator=(const QueueBatch&) = delete;
  ~QueueBatch();

  /// Takes over a message that has been copied whole. On an exception nothing of this entry is left. An ID
  /// that is in the queue throws EEXIST.
  void Add(MessageCopy copy);

  /// Copies the message from @p source first.
  void Add(mail::Envelope envelope, UniqueFd source, std::uint64_t offset);

  /// Writes the message from memory; sets message_size.
  void Add(mail::Envelope envelope, const std::string& message);

  /// Afterwards every added entry is in the queue and on stable storage.
  [[nodiscard]] std::vector<mail::Envelope> Commit();

  [[nodiscard]] bool IsEmpty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t Size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    MessageCopy copy;
    UniqueFd envelope_file;
  };

  const Queue& queue_;
  Disk& disk_;
  std::vector<Entry> entries_;
};

}  // namespace spool
