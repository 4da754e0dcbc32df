// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk_room.hxx"
#include "mail/envelope.hxx"
#include "queue/drop_board.hxx"
#include "queue/environment.hxx"
#include "queue/notices.hxx"
#include "queue/usage.hxx"
#include "spool/drop_directory.hxx"
#include "spool/drop_format.hxx"
#include "spool/queue.hxx"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace queue {

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
    /// Whose share a submitter's mail is on: see Submitters. Empty: it is being found out.
    std::function<std::optional<uid_t>(uid_t)> share_of;
    std::function<Usage(uid_t)> usage_of;  ///< of a submitter, or all of the share of those that nobody knows
    std::function<void()> on_idle = [] {};  ///< called when nothing is waiting any more
  };
  /// @param environment what is in it outlives this, as the others
  Intake(Environment environment, const spool::DropDirectory& drops, const spool::Queue& queue,
         Queued queued);

  /// Looks at all of drop/ and takes in what is there. Call it at the start, and when names may have been
  /// missed.
  void Scan();
  /// A name has appeared in drop/.
  void OnName(const std::string& name);

  using Reply = std::function<void(const spool::SubmitReply&)>;
  /// Takes in a message from the submit socket, then replies.
  void TakeStream(spool::Drop drop, Reply reply);

  /// Whose share a submitter's mail is on: see Submitters.
  [[nodiscard]] uid_t ShareOf(uid_t submitter) const;
  /// The same; empty: it is being found out.
  [[nodiscard]] std::optional<uid_t> FindShare(uid_t submitter) const { return queued_.share_of(submitter); }

  /// Whatever waits is tried now.
  void Flush();
  /// There may be room again, in the queue or on the disk.
  void OnRoom();

  /// It has been found out whose share a uid's mail is on.
  void OnShare(uid_t uid);

  /// Nothing is waiting.
  [[nodiscard]] bool IsIdle() const noexcept {
    return board_.IsEmpty() && streams_.empty() && copies_.empty() && whole_.empty() && !scan_;
  }
  /// A drop that waits for something else than its turn.
  struct Waiting {
    mail::QueueId id;
    DropBoard::Status status;
    unsigned failures = 0;
    mail::Time next_attempt{};  ///< the epoch: as soon as there is room
    std::string reason;
  };
  static constexpr std::size_t kMaxListed = 1000;
  /// For who lists the queue: the first kMaxListed of those behind @p after, sorted by ID.
  /// @param only those of this submitter; empty: all
  [[nodiscard]] std::vector<Waiting> List(std::optional<uid_t> only = {}, std::string_view after = {}) const;
  /// The limits that are reached.
  [[nodiscard]] std::vector<std::string> Warnings(const Reader& reader) const;

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
  [[nodiscard]] Usage UsageWith(const Batch& batch, uid_t owner) const;
  [[nodiscard]] std::optional<spool::SubmitReply> ReplyAtOnce(const Batch& batch,
                                                              const mail::Envelope& envelope);

  Environment environment_;
  const spool::DropDirectory& drops_;
  const spool::Queue& queue_;
  Queued queued_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Timer> scan_timer_;
  DropBoard board_;
  std::set<std::string> taken_;                 ///< drops that are in the queue, but could not be removed
  std::optional<spool::DirectoryReader> scan_;  ///< of drop/, under way
  std::list<Stream> streams_;
  std::list<Copy> copies_;       ///< under way, one of a share
  std::list<Copy> whole_;        ///< ended, for the next commit
  std::map<uid_t, Usage> full_;  ///< who has as much in the queue as is allowed
  bool is_low_ = false;          ///< the disk has less room than Reserve=
  bool scheduled_ = false;
  bool continuing_ = false;
};

}  // namespace queue
