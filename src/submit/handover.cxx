// SPDX-License-Identifier: BSD-2-Clause
#include "submit/handover.hxx"

#include "base/disk_room.hxx"
#include "crypto/random.hxx"
#include "submit/refusal.hxx"

#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace submit {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxAttempts = 4;                         // at a free queue ID
constexpr std::size_t kBlock = std::size_t{64} * 1024;  // octets
constexpr std::chrono::seconds kReplyTime{120};         // of a stream
constexpr std::chrono::seconds kShortestTry{30};        // whatever is left of the patience
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{2000};
constexpr char kNoAnswer[] = "no answer: the message may not be queued";

mail::QueueId FreshId(const Site& site) {
  if (site.make_id) return site.make_id();
  return mail::QueueId::Make(mail::Now(), crypto::RandomBits());
}

// What a caller can't wait out: the socket is not for them, or there is no mail queue here at all.
bool MayPass(int error, const std::string& path) noexcept {
  if (error == EACCES || error == EPERM || error == EAFNOSUPPORT || error == ENAMETOOLONG) return false;
  return error != ENOENT || ::access(path.substr(0, path.rfind('/')).c_str(), F_OK) == 0;
}

// 0, or the errno value of what went wrong.
int SendAll(const MessageBuffer& buffer, SubmitSocket& socket) {
  std::array<char, kBlock> room;
  std::string_view part;
  for (std::uint64_t done = 0; done < buffer.Size(); done += part.size()) {
    if (const int error = buffer.Read(done, room, part)) return error;
    if (const int error = socket.Write(part)) return error;
  }
  return 0;
}

// The runner has closed its side, and may have said why.
bool HasSpoken(int error) noexcept {
  return error == 0 || error == EPIPE || error == ECONNRESET;
}

}  // namespace

Handover::Handover(const Site& site, MakeFront make_front)
    : site_(site), make_front_(std::move(make_front)), id_(FreshId(site)) {
  const auto front = make_front_(id_);
  envelope_size_ = front.envelope.size();
  drop_ = std::make_unique<DropFile>(*site.disk, site.drop_directory);
  if (const int error = drop_->Open(id_)) LeaveDrop(error);
  RefuseWithoutRoom();
  Put(spool::UnfinishedHead() + front.envelope + front.header);
  message_size_ = front.header.size();
}

void Handover::Write(std::string_view data, std::optional<FileOrigin> origin) {
  message_size_ += data.size();
  if (message_size_ > site_.max_message_size)
    throw Refusal(EX_UNAVAILABLE, "the message has more than " + std::to_string(site_.max_message_size) +
                                      " octets (MessageSize=)");
  if (origin && drop_) drop_->Copy(*origin, data);
  Put(data);
}

void Handover::Put(std::string_view data) {
  if (drop_) {
    const int error = drop_->Write(data);
    if (!error) return;
    LeaveDrop(error);
  }
  if (buffer_) {
    const int error = buffer_->Write(data);
    if (!error) return;
    LeaveBuffer(error);
  }
  Stream(data);
}

// The runner would refuse it, too. If the room can't be found out, the message is written and may fail then.
void Handover::RefuseWithoutRoom() const {
  try {
    if (!drop_ || FindDiskRoom(*site_.disk, drop_->Fd()).Holds(0, site_.reserve)) return;
  } catch (const std::system_error&) {
    return;
  }
  throw Refusal(EX_TEMPFAIL, site_.drop_directory + ": the disk has less room than Reserve= keeps");
}

// The head that the file has by now may be the finished one.
void Handover::LeaveDrop(int error) {
  drop_error_ = error;
  const auto file = std::exchange(drop_, nullptr);
  buffer_.emplace();
  std::uint64_t done = std::min<std::uint64_t>(file->Size(), spool::kDropHeadSize);
  Put(std::string_view(spool::UnfinishedHead()).substr(0, done));
  std::array<char, kBlock> block;
  while (done < file->Size()) {
    const ssize_t n = site_.disk->PRead(file->Fd(), block, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) RefuseForLack(std::strerror(n < 0 ? errno : EIO));
    Put({block.data(), static_cast<std::size_t>(n)});
    done += static_cast<std::uint64_t>(n);
  }
}

void Handover::LeaveBuffer(int error) {
  if (const int problem = stream_.emplace().Connect(site_.submit_socket, kReplyTime))
    RefuseForLack(std::string(std::strerror(problem)) + "; collecting the message: " + std::strerror(error));
  const auto buffer = std::exchange(buffer_, std::nullopt);
  if (const int problem = SendAll(*buffer, *stream_)) RefuseStream(problem);
}

void Handover::Stream(std::string_view data) {
  if (const int error = stream_->Write(data)) RefuseStream(error);
}

void Handover::RefuseStream(int error) {
  if (const auto reply = HasSpoken(error) ? stream_->ReadReply() : std::nullopt; reply && reply->status)
    (void)Accept(*reply);
  throw Refusal(EX_TEMPFAIL,
                "sending the message to " + site_.submit_socket + " failed: " + std::strerror(error));
}

std::string Handover::FinishedHead() const {
  return spool::DropHead{envelope_size_, message_size_}.ToText();
}

mail::QueueId Handover::Commit() {
  RefuseWithoutRoom();
  if (drop_) {
    const int error = CommitDrop();
    if (!error) return id_;
    LeaveDrop(error);
  }
  return buffer_ ? SendBuffer() : FinishStream();
}

int Handover::CommitDrop() {
  if (const int error = LinkUnderFreshId(FinishedHead())) return error;
  if (const int error = drop_->SyncOrUnlink())
    throw Refusal(EX_TEMPFAIL, "writing to " + site_.drop_directory + " failed: " + std::strerror(error));
  return 0;
}

int Handover::LinkUnderFreshId(const std::string& head) {
  for (int attempt = 1;; ++attempt) {
    if (const int error = drop_->Overwrite(0, head)) return error;
    const int error = drop_->Link(id_);
    if (error != EEXIST || attempt == kMaxAttempts) return error;
    id_ = FreshId(site_);
    const auto front = make_front_(id_);
    if (const int failure = drop_->Overwrite(0, spool::UnfinishedHead() + front.envelope + front.header))
      return failure;
  }
}

// The runner knows by the queue ID what it has taken in already, if its answer was lost.
mail::QueueId Handover::SendBuffer() {
  const auto end = Clock::now() + site_.patience;
  for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(end - Clock::now());
    auto outcome = TrySend(std::max(left, kShortestTry));
    if (const auto* const reply = std::get_if<spool::SubmitReply>(&outcome)) return Accept(*reply);
    const auto& broken = std::get<Broken>(outcome);
    if (!broken.may_pass || Clock::now() + pause > end) RefuseForLack(broken.why);
    std::this_thread::sleep_for(pause);
  }
}

Handover::Outcome Handover::TrySend(std::chrono::seconds limit) const {
  SubmitSocket socket;
  if (const int error = socket.Connect(site_.submit_socket, limit))
    return Broken{std::strerror(error), MayPass(error, site_.submit_socket)};
  int error = SendAll(*buffer_, socket);
  if (!error) error = socket.Write(FinishedHead());
  if (!error) error = socket.Finish();
  const auto reply = HasSpoken(error) ? socket.ReadReply() : std::nullopt;
  if (!reply) return Broken{error ? std::strerror(error) : kNoAnswer, true};
  if (reply->status == spool::SubmitReply::kBusy) return Broken{reply->text, true};
  return *reply;
}

mail::QueueId Handover::FinishStream() {
  Stream(FinishedHead());
  const int error = stream_->Finish();
  const auto reply = error ? std::nullopt : stream_->ReadReply();
  if (!reply) throw Refusal(EX_TEMPFAIL, site_.submit_socket + ": " + kNoAnswer);
  return Accept(*reply);
}

mail::QueueId Handover::Accept(const spool::SubmitReply& reply) const {
  const bool is_busy = reply.status == spool::SubmitReply::kBusy;
  if (reply.status) throw Refusal(is_busy ? EX_TEMPFAIL : reply.status, reply.text);
  return mail::QueueId::Parse(reply.text).value_or(id_);
}

void Handover::RefuseForLack(const std::string& socket_problem) const {
  std::string text = "cannot queue the message: " + site_.drop_directory + ": " + std::strerror(drop_error_) +
                     "; " + site_.submit_socket + ": " + socket_problem;
  if (::access(site_.submit_socket.c_str(), F_OK) < 0)
    text += " (is it running? systemctl enable --now mailqueue.socket mailqueue.path)";
  throw Refusal(EX_TEMPFAIL, text);
}

}  // namespace submit
