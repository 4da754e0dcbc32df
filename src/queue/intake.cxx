// SPDX-License-Identifier: BSD-2-Clause
#include "queue/intake.hxx"

#include "base/error.hxx"
#include "base/text.hxx"
#include "bounce/notification.hxx"
#include "queue/returned_drop.hxx"
#include "queue/slices.hxx"
#include "queue/submitters.hxx"

#include <fmt/format.h>

#include <sysexits.h>
#include <syslog.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <string_view>

namespace queue {

namespace {

constexpr std::size_t kMaxBatch = 64;  // bounds the descriptors and the time of one commit
constexpr std::size_t kMaxCopies = 8;  // at a time; each holds two descriptors
constexpr std::uint64_t kLarge = std::uint64_t{256} * 1024;   // octets; what is larger is copied in pieces
constexpr std::uint64_t kPiece = std::uint64_t{1024} * 1024;  // octets
constexpr auto kRoomDelay = std::chrono::seconds(10);         // between two looks whether there is room
constexpr auto kScanDelay = std::chrono::seconds(10);
constexpr std::size_t kMaxRefusalsLogged = 10;  // of one turn: nobody may fill the journal

std::string DescribeUsage(uid_t owner, const Usage& usage) {
  return fmt::format("user ID {} has {} messages of {} octets in the queue (UserQueueMax=)", owner,
                     usage.messages, usage.octets);
}

constexpr std::string_view kLow = "the disk has less room than Reserve= keeps";

}  // namespace

/// What one turn takes in.
struct Intake::Batch {
  Batch(const spool::Queue& queue, Snapshot current, const Clock& of_time)
      : clock(of_time), messages(queue), snapshot(std::move(current)), settings(*snapshot) {}

  // The commit comes on top of its time.
  [[nodiscard]] bool IsFull() const { return messages.Size() >= kMaxBatch || clock.SinceBoot() >= end; }

  const Clock& clock;

  spool::QueueBatch messages;
  const Snapshot snapshot;
  const config::Settings& settings;
  std::optional<DiskRoom> room{};    ///< less what the batch takes; empty: it can't be found out
  std::map<uid_t, Usage> added{};    ///< by share
  std::vector<std::string> names{};  ///< the drops in the batch
  std::vector<std::pair<Reply, spool::SubmitReply>> replies{};  ///< to the streams in it
  std::size_t refusals = 0;
  BootTime end = clock.SinceBoot() + kSlice;
};

Intake::Intake(Environment environment, const spool::DropDirectory& drops, const spool::Queue& queue,
               Queued queued)
    : environment_(std::move(environment)),
      drops_(drops),
      queue_(queue),
      queued_(std::move(queued)),
      timer_(environment_.clock.MakeTimer([this] { Schedule(); })),
      scan_timer_(environment_.clock.MakeTimer([this] { Scan(); })) {}

void Intake::OnName(const std::string& name) {
  Note(name);
  Schedule();
}

void Intake::Scan() {
  const bool is_scanning = scan_.has_value();
  board_.ForgetMore();
  try {
    scan_.emplace(drops_.List());
  } catch (const std::exception& e) {
    return ScanLater(e.what());
  }
  if (!is_scanning) environment_.clock.Post([this] { ContinueScan(); });
}

void Intake::ScanLater(const std::string& why) {
  environment_.log.Write(LOG_ERR, "Failed to look into drop/: " + why + ", retrying in 10 s");
  scan_timer_->StartAfter(kScanDelay);
}

// Drops that were found are taken in before the whole directory has been read.
void Intake::ContinueScan() {
  if (!scan_) return;
  try {
    const bool is_more = TakeSlice(environment_.clock, [this] {
      const auto name = scan_->Next();
      if (name) Note(*name);
      return name.has_value();
    });
    if (!is_more) scan_.reset();
  } catch (const std::exception& e) {
    scan_.reset();
    ScanLater(e.what());
  }
  Schedule();
  if (scan_) environment_.clock.Post([this] { ContinueScan(); });
}

void Intake::Note(const std::string& name) {
  if (!spool::DropDirectory::Counts(name) || board_.Knows(name)) return;
  try {
    if (const auto status = drops_.Find(name)) board_.Add(name, *status, ShareOf(status->owner));
  } catch (const std::exception& e) {
    board_.AddDelayed(name, Submitters::kUnknown, e.what(), environment_.clock.SinceBoot());
  }
}

void Intake::Schedule() {
  if (std::exchange(scheduled_, true)) return;
  environment_.clock.Post([this] { Turn(); });
}

void Intake::Flush() {
  board_.Hasten();
  Schedule();
}

void Intake::OnRoom() {
  if (!board_.IsEmpty() && (is_low_ || !full_.empty())) Schedule();
}

uid_t Intake::ShareOf(uid_t submitter) const {
  return FindShare(submitter).value_or(Submitters::kUnknown);
}

void Intake::OnShare(uid_t uid) {
  const auto share = ShareOf(uid);
  if (share == Submitters::kUnknown) return;  // as it was until now
  board_.Move(uid, Submitters::kUnknown, share);
  Schedule();
}

void Intake::TakeStream(spool::Drop drop, Reply reply) {
  streams_.push_back({std::move(drop), std::move(reply)});
  Schedule();
}

void Intake::Turn() {
  scheduled_ = false;
  Batch batch(queue_, environment_.settings.Refresh(), environment_.clock);
  try {
    batch.room = queue_.Room();
  } catch (const std::system_error&) {
    // Without a figure, a full disk shows when the message is written.
  }
  is_low_ = batch.room && !batch.room->Holds(0, batch.settings.queue.reserve);
  full_.clear();
  TakeStreams(batch);
  TakeCopies(batch);
  if (!is_low_) TakeDrops(batch);
  const bool more = batch.IsFull() || !streams_.empty() || !whole_.empty();
  Commit(batch);
  if (!scan_ && board_.WantsMore()) Scan();
  if (more) return Schedule();
  WaitForNext();
  if (IsIdle()) queued_.on_idle();
}

void Intake::WaitForNext() {
  auto due = board_.NextDue();
  if ((is_low_ && !board_.IsEmpty()) || !full_.empty())
    due = std::min(due.value_or(BootTime::max()), environment_.clock.SinceBoot() + kRoomDelay);
  if (due) timer_->StartAfter(*due - environment_.clock.SinceBoot());
}

// With what is in the batch, or will be in one when it has been copied.
Usage Intake::UsageWith(const Batch& batch, uid_t owner) const {
  auto usage = queued_.usage_of(owner);
  const auto share = ShareOf(owner);
  if (const auto added = batch.added.find(share); added != batch.added.end()) usage.Add(added->second);
  for (const auto* copies : {&copies_, &whole_})
    for (const auto& copy : *copies)
      if (ShareOf(copy.Owner()) == share) usage.Add(copy.message.Envelope().message_size);
  return usage;
}

// The reply where nothing is to be read: the message can't be taken in now, or the sender repeats one that is
// in the queue because the first reply was lost.
std::optional<spool::SubmitReply> Intake::ReplyAtOnce(const Batch& batch, const mail::Envelope& envelope) {
  const auto owner = envelope.submitter;
  if (queue_.Contains(envelope.id)) {
    EnsureKnown(envelope.id);
    const auto reading = queue_.Read(envelope.id);
    const auto* const queued = std::get_if<mail::Envelope>(&reading);
    if (queued && queued->submitter == owner) return spool::SubmitReply{0, envelope.id.ToString()};
  }
  const auto usage = UsageWith(batch, owner);
  if (!usage.HasRoom(envelope.message_size, batch.settings.queue.user_max))
    return spool::SubmitReply{EX_TEMPFAIL, DescribeUsage(owner, usage)};
  if (batch.room && !batch.room->Holds(envelope.message_size, batch.settings.queue.reserve))
    return spool::SubmitReply{EX_TEMPFAIL, std::string(kLow)};
  return std::nullopt;
}

void Intake::TakeStreams(Batch& batch) {
  for (auto next = streams_.begin(); next != streams_.end() && !batch.IsFull();) {
    const auto stream = next++;
    auto& [drop, reply] = *stream;
    try {
      if (const auto word = ReplyAtOnce(batch, drop.envelope))
        reply(*word);
      else if (drop.envelope.message_size > kLarge && !MayCopy(drop.envelope.submitter))
        continue;
      else
        Add(batch, std::move(drop), std::move(reply));
    } catch (const std::exception& e) {
      reply(spool::SubmitReply::NotNow(e.what()));
    }
    streams_.erase(stream);
  }
}

void Intake::TakeCopies(Batch& batch) {
  for (; !whole_.empty() && !batch.IsFull(); whole_.pop_front()) {
    auto& [message, source] = whole_.front();
    try {
      const auto id = message.Envelope().id;
      auto& added = batch.added[ShareOf(message.Envelope().submitter)];
      const auto size = message.Envelope().message_size;
      batch.messages.Add(std::move(message));
      added.Add(size);
      if (const auto* const name = std::get_if<std::string>(&source))
        batch.names.push_back(*name);
      else
        batch.replies.emplace_back(std::get<Reply>(source), spool::SubmitReply{0, id.ToString()});
    } catch (const std::exception& e) {
      Fail(source, e.what());
    }
  }
}

// One large message of a share at a time.
bool Intake::MayCopy(uid_t owner) const {
  const auto is_same = [this, share = ShareOf(owner)](const Copy& copy) {
    return ShareOf(copy.Owner()) == share;
  };
  return copies_.size() + whole_.size() < kMaxCopies && std::ranges::none_of(copies_, is_same) &&
         std::ranges::none_of(whole_, is_same);
}

// What has to wait for room waits in its owner's line, so that others go by.
bool Intake::May(const Batch& batch, const DropBoard::Status& status) {
  const auto owner = status.owner;
  if (status.size > kLarge && !MayCopy(owner)) return false;
  const auto usage = UsageWith(batch, owner);
  if (usage.HasRoom(status.size, batch.settings.queue.user_max)) return true;
  full_.insert_or_assign(owner, usage);
  return false;
}

void Intake::TakeDrops(Batch& batch) {
  const auto may = [&](const std::string&, const DropBoard::Status& status) { return May(batch, status); };
  while (!batch.IsFull()) {
    const auto name = board_.Next(environment_.clock.SinceBoot(), may);
    if (!name) break;
    TakeDrop(batch, *name);
  }
  if (batch.refusals > kMaxRefusalsLogged)
    environment_.log.Write(LOG_WARNING, fmt::format("Removed or set aside {} more entries of drop/",
                                                    batch.refusals - kMaxRefusalsLogged));
}

void Intake::TakeDrop(Batch& batch, const std::string& name) {
  try {
    if (taken_.contains(name)) return Finish(name);
    auto opened = drops_.Open(name, environment_.clock.Now());
    if (const auto* const refusal = std::get_if<spool::Refusal>(&opened))
      return Refuse(batch, name, *refusal);
    TakeOpened(batch, name, std::move(std::get<spool::Drop>(opened)));
  } catch (const std::system_error& e) {
    if (IsErrno(e, ENOENT) && IsGone(name))
      board_.Remove(name);  // its owner has removed it
    else
      Fail(name, e.what());
  } catch (const std::exception& e) {
    Fail(name, e.what());
  }
}

bool Intake::IsGone(const std::string& name) const {
  try {
    return !drops_.Find(name);
  } catch (const std::exception&) {
    return false;
  }
}

void Intake::TakeOpened(Batch& batch, const std::string& name, spool::Drop drop) {
  const auto size = drop.envelope.message_size;
  const auto max = batch.settings.queue.message_size;
  if (queue_.Contains(drop.envelope.id)) {
    EnsureKnown(drop.envelope.id);
    return Finish(name);
  }
  if (size > max || drops_.IsHollow(drop)) {
    const auto result = size > max
                            ? mail::Failed("5.3.4", fmt::format("the message has {} octets, and {} are "
                                                                "allowed (MessageSize=)",
                                                                size, max))
                            : mail::Failed("5.6.0", "the message is mostly holes");
    auto returned = MakeReturnedDrop(drop.envelope, drops_.ReadMessage(drop, bounce::kMaxReturned), result,
                                     batch.settings, environment_.clock.Now());
    if (!returned) return Refuse(batch, name, {true, result.text + ", and nobody wants to know"});
    batch.messages.Add(std::move(returned->envelope), returned->message);
    batch.names.push_back(name);
    return;
  }
  if (batch.room && !batch.room->Holds(size, batch.settings.queue.reserve))
    return Fail(name, std::string(kLow));
  if (size > kLarge && !MayCopy(drop.envelope.submitter))  // it has grown since it was looked at
    return Fail(name, "another large message of the same user is being taken in");
  Add(batch, std::move(drop), name);
}

// The message is in the queue or will be with the next commit, or its copy begins.
void Intake::Add(Batch& batch, spool::Drop drop, Source source) {
  const auto id = drop.envelope.id;
  const auto size = drop.envelope.message_size;
  const auto owner = drop.envelope.submitter;
  try {
    if (size > kLarge) {
      if (queue_.Contains(id)) throw MakeErrno(EEXIST, "Already in the queue:", id.View());
      copies_.push_back(
          {{queue_, std::move(drop.envelope), std::move(drop.file), drop.message_offset}, source});
      Continue();
    } else {
      batch.messages.Add(std::move(drop.envelope), std::move(drop.file), drop.message_offset);
      if (const auto* const name = std::get_if<std::string>(&source))
        batch.names.push_back(*name);
      else
        batch.replies.emplace_back(std::get<Reply>(source), spool::SubmitReply{0, id.ToString()});
      batch.added[ShareOf(owner)].Add(size);
    }
    if (batch.room) batch.room->free_octets -= std::min(size, batch.room->free_octets);
  } catch (const std::exception& e) {
    Fail(source, e.what());
  }
}

// One piece of the copy whose turn it is.
void Intake::Continue() {
  if (copies_.empty() || std::exchange(continuing_, true)) return;
  environment_.clock.Post([this] {
    continuing_ = false;
    const auto copy = copies_.begin();
    bool is_done = true;
    try {
      is_done = copy->message.Continue(kPiece);
      auto& next = is_done ? whole_ : copies_;
      next.splice(next.end(), copies_, copy);
    } catch (const std::exception& e) {
      Fail(copy->source, e.what());
      copies_.erase(copy);
    }
    if (is_done) Schedule();
    Continue();
  });
}

void Intake::Fail(const Source& source, const std::string& why) {
  if (const auto* const reply = std::get_if<Reply>(&source)) return (*reply)(spool::SubmitReply::NotNow(why));
  const auto& name = std::get<std::string>(source);
  environment_.log.Write(LOG_ERR, "Failed to take in drop/" + Quote(name) + ": " + why + ", retrying");
  board_.Delay(name, why, environment_.clock.SinceBoot());
}

void Intake::Commit(Batch& batch) {
  std::vector<mail::Envelope> envelopes;
  try {
    if (!batch.messages.IsEmpty()) envelopes = batch.messages.Commit();
  } catch (const std::exception& e) {
    for (const auto& name : batch.names) Fail(name, e.what());
    for (const auto& [reply, word] : batch.replies) reply(spool::SubmitReply::NotNow(e.what()));
    return;
  }
  // At once, before anything that can fail: what is durable is attempted.
  if (!envelopes.empty()) queued_.add(std::move(envelopes));
  for (const auto& [reply, word] : batch.replies) reply(word);
  for (const auto& name : batch.names) {
    taken_.insert(name);
    try {
      Finish(name);
    } catch (const std::exception& e) {
      Fail(name, std::string("it is in the queue, but can't be removed: ") + e.what());
    }
  }
}

// Its message is in the queue: the drop must not be taken in once more.
void Intake::Finish(const std::string& name) {
  drops_.Remove(name);
  taken_.erase(name);
  board_.Remove(name);
}

// A commit that was cut short has left it: its names may not be on stable storage, and nobody may have been
// told of it.
void Intake::EnsureKnown(const mail::QueueId& id) {
  queue_.SyncNames();
  if (queued_.knows(id)) return;
  auto reading = queue_.Read(id);
  if (auto* const envelope = std::get_if<mail::Envelope>(&reading)) queued_.resume(std::move(*envelope));
  if (const auto* const unreadable = std::get_if<spool::Unreadable>(&reading))
    throw MakeErrno(EBADMSG, "It is in the queue, but " + unreadable->why);
}

void Intake::Refuse(Batch& batch, const std::string& name, const spool::Refusal& refusal) {
  try {
    const auto place = refusal.torn ? std::string() : drops_.SetAside(name, environment_.clock.Now());
    if (refusal.torn) drops_.Remove(name);
    board_.Remove(name);
    if (++batch.refusals > kMaxRefusalsLogged) return;
    if (refusal.torn)
      environment_.log.Write(LOG_NOTICE, "Removed drop/" + Quote(name) + ": " + refusal.why);
    else
      environment_.log.Write(LOG_WARNING,
                             "Set aside drop/" + Quote(name) + " as " + Quote(place) + ": " + refusal.why);
  } catch (const std::system_error& e) {
    Fail(name, e.what());
  }
}

std::vector<Intake::Waiting> Intake::List(std::optional<uid_t> only, std::string_view after) const {
  std::vector<Waiting> list;
  const auto add = [&](const DropBoard::Waiting& drop) {
    const auto full = full_.find(drop.status.owner);
    const bool is_full = full != full_.end();
    // Drops that only wait for their turn are not listed; nor are names that are not queue IDs, because a
    // stranger can choose them.
    if ((only && drop.status.owner != *only) || (drop.why.empty() && !is_low_ && !is_full)) return true;
    const auto id = mail::QueueId::Parse(drop.name);
    if (!id) return true;
    auto& waiting = list.emplace_back(Waiting{*id, drop.status, drop.failures, {}, {}});
    if (drop.left > BootScale::duration(0))
      waiting.next_attempt = environment_.clock.Now() + std::chrono::duration_cast<mail::Duration>(drop.left);
    if (is_full)
      waiting.reason = DescribeUsage(full->first, full->second);
    else if (is_low_)
      waiting.reason = kLow;
    else
      waiting.reason = drop.why;
    return list.size() < kMaxListed;
  };
  board_.List(after, environment_.clock.SinceBoot(), add);
  return list;
}

// What somebody has in the queue is theirs to know, and root's.
std::vector<std::string> Intake::Warnings(const Reader& reader) const {
  std::vector<std::string> texts;
  if (is_low_) texts.push_back("New mail waits: " + std::string(kLow));
  for (const auto& [owner, usage] : full_)
    if (!reader.is_everybody && (!reader.uid || *reader.uid == owner))
      texts.push_back("What it submits waits: " + DescribeUsage(owner, usage));
  return texts;
}

}  // namespace queue
