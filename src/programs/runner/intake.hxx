// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk_room.hxx"
#include "bus/message_status.hxx"
#include "mail/envelope.hxx"
#include "programs/runner/drop_board.hxx"
#include "programs/runner/settings_watch.hxx"
#include "queue/notices.hxx"
#include "queue/usage.hxx"
#include "spool/drop_directory.hxx"
#include "spool/drop_format.hxx"
#include "spool/queue.hxx"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace runner {

/// Brings what was submitted, as files of drop/ or over the submit socket, into the queue: a group of
/// messages, with one commit, and then whatever else the event loop has to do. A large message is copied a
/// piece at a time. What can't be taken in now waits where it is, and keeps nobody else's mail waiting.
class Intake {
 public:
  /// The queue in memory.
  struct Queued {
    /// Called with the new entries of each commit, as soon as they are durable.
    std::function<void(std::vector<mail::Envelope>)> add;
    /// Called with an entry that was found in the queue and that knows() does not know.
    std::function<void(mail::Envelope)> resume;
    std::function<bool(const mail::QueueId&)> knows;
    std::function<uid_t(uid_t)> share_of;
    std::function<queue::Usage(uid_t)>
        usage_of;  ///< of a submitter, or all of the share of those that nobody knows
  };
  Intake(asio::io_context& context, const spool::DropDirectory& drops, const spool::Queue& queue,
         SettingsWatch& settings, Queued queued);

  /// Watches drop/ and takes in what is there.
  void Start();

  using Reply = std::function<void(const spool::SubmitReply&)>;
  /// Takes in a message from the submit socket, then replies.
  void TakeStream(spool::Drop drop, Reply reply);

  /// Whose share a submitter's mail is on: see Submitters.
  [[nodiscard]] uid_t ShareOf(uid_t submitter) const { return queued_.share_of(submitter); }

  /// Whatever waits is tried now.
  void Flush();
  /// There may be room again, in the queue or on the disk.
  void OnRoom();

  /// A uid has a share of its own from now on.
  void OnUser(uid_t uid);

  /// Nothing is waiting.
  [[nodiscard]] bool IsIdle() const noexcept {
    return board_.IsEmpty() && streams_.empty() && copies_.empty() && whole_.empty() && !scan_;
  }
  /// The drops that wait, for who lists the queue.
  [[nodiscard]] std::vector<bus::MessageStatus> List() const;
  /// The limits that are reached.
  [[nodiscard]] std::vector<std::string> Warnings(const queue::Reader& reader) const;

 private:
  /// Where a message comes from: a name in drop/, or somebody who waits for a reply.
  using Source = std::variant<std::string, Reply>;
  struct Stream {
    spool::Drop drop;
    Reply reply;
  };
  struct Copy {
    spool::MessageCopy message;
    Source source;
    [[nodiscard]] uid_t Owner() const noexcept { return message.Envelope().submitter; }
  };
  struct Batch;

  void WaitForChange();
  void ReadChanges();
  void Scan();
  void ScanLater(const std::string& why);
  void ContinueScan();
  void Note(const std::string& name);
  void Schedule();
  void Turn();
  void WaitForNext();
  void TakeStreams(Batch& batch);
  void TakeCopies(Batch& batch);
  void TakeDrops(Batch& batch);
  void TakeDrop(Batch& batch, const std::string& name);
  [[nodiscard]] bool IsGone(const std::string& name) const;
  void TakeOpened(Batch& batch, const std::string& name, spool::Drop drop);
  void Add(Batch& batch, spool::Drop drop, Source source);
  void Commit(Batch& batch);
  void Continue();
  void Finish(const std::string& name);
  void EnsureKnown(const mail::QueueId& id);
  void Refuse(Batch& batch, const std::string& name, const spool::Refusal& refusal);
  void Fail(const Source& source, const std::string& why);
  [[nodiscard]] bool May(const Batch& batch, const DropBoard::Status& status);
  [[nodiscard]] bool MayCopy(uid_t owner) const;
  [[nodiscard]] queue::Usage UsageWith(const Batch& batch, uid_t owner) const;
  [[nodiscard]] std::optional<spool::SubmitReply> ReplyAtOnce(const Batch& batch,
                                                              const mail::Envelope& envelope);

  asio::io_context& context_;
  const spool::DropDirectory& drops_;
  const spool::Queue& queue_;
  SettingsWatch& settings_;
  Queued queued_;
  asio::posix::stream_descriptor changes_;  ///< inotify(7)
  asio::steady_timer timer_;
  asio::steady_timer scan_timer_;
  DropBoard board_;
  std::set<std::string> taken_;                 ///< drops that are in the queue, but could not be removed
  std::optional<spool::DirectoryReader> scan_;  ///< of drop/, under way
  std::list<Stream> streams_;
  std::list<Copy> copies_;              ///< under way, one of a share
  std::list<Copy> whole_;               ///< ended, for the next commit
  std::map<uid_t, queue::Usage> full_;  ///< who has as much in the queue as is allowed
  bool is_low_ = false;                 ///< the disk has less room than Reserve=
  bool scheduled_ = false;
  bool continuing_ = false;
};

}  // namespace runner
