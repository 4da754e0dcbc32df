// SPDX-License-Identifier: BSD-2-Clause
#include "submit/handover.hxx"

#include "submit/refusal.hxx"

#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace submit {

namespace {

constexpr int kMaxAttempts = 4;  // at a free queue ID

mail::QueueId FreshId() {
  std::uint32_t random = 0;
  // With less than 256 octets asked for it fails only before the kernel's generator is ready, at early boot:
  // then the time alone must do.
  if (::getrandom(&random, sizeof random, GRND_NONBLOCK) < 0) random = static_cast<std::uint32_t>(::getpid());
  return mail::QueueId::Make(mail::Now(), random);
}

[[noreturn]] void RefuseForLack(const Site& site, int drop_error, int socket_error) {
  std::string text = "cannot queue the message: " + site.drop_directory + ": " + std::strerror(drop_error) +
                     "; " + site.submit_socket + ": " + std::strerror(socket_error);
  if (socket_error == ENOENT || socket_error == ECONNREFUSED)
    text += " (is it running? systemctl enable --now mailqueue.socket mailqueue.path)";
  throw Refusal(EX_TEMPFAIL, text);
}

}  // namespace

Handover::Handover(const Site& site, MakeFront make_front)
    : site_(site), make_front_(std::move(make_front)), id_(FreshId()) {
  const auto front = make_front_(id_);
  envelope_size_ = front.envelope.size();
  if (const int error = drop_.emplace(site.drop_directory).Open(id_)) TakeSocket(error);
  Put(spool::UnfinishedHead() + front.envelope + front.header);
  message_size_ = front.header.size();
}

void Handover::Write(std::string_view data, std::optional<FileOrigin> origin) {
  message_size_ += data.size();
  if (message_size_ > spool::kMaxMessageSize)
    throw Refusal(EX_UNAVAILABLE,
                  "the message has more than " + std::to_string(spool::kMaxMessageSize) + " octets");
  if (origin && drop_) drop_->Copy(*origin, data);
  Put(data);
}

void Handover::Put(std::string_view data) {
  if (drop_) {
    const int error = drop_->Write(data);
    if (!error) return;
    TakeSocket(error);
  }
  Send(data);
}

void Handover::Send(std::string_view data) {
  const int error = socket_->Write(data);
  if (!error) return;
  // A runner that refuses says why before it closes.
  const auto reply = socket_->ReadReply();
  if (reply && reply->status) throw Refusal(reply->status, reply->text);
  throw Refusal(EX_TEMPFAIL,
                "sending the message to " + site_.submit_socket + " failed: " + std::strerror(error));
}

void Handover::TakeSocket(int drop_error) {
  if (const int error = socket_.emplace().Connect(site_.submit_socket))
    RefuseForLack(site_, drop_error, error);
  // The head that the file has by now may be the finished one.
  std::uint64_t done = std::min<std::uint64_t>(drop_->Size(), spool::kDropHeadSize);
  Send(std::string_view(spool::UnfinishedHead()).substr(0, done));
  std::array<char, 64 * 1024> block;
  while (done < drop_->Size()) {
    const ssize_t n = ::pread(drop_->Fd().Get(), block.data(), block.size(), static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) RefuseForLack(site_, drop_error, n < 0 ? errno : EIO);
    Send({block.data(), static_cast<std::size_t>(n)});
    done += static_cast<std::uint64_t>(n);
  }
  drop_.reset();
}

std::string Handover::FinishedHead() const {
  return spool::DropHead{envelope_size_, message_size_}.ToText();
}

mail::QueueId Handover::Commit() {
  if (drop_) {
    const int error = CommitDrop();
    if (!error) return id_;
    TakeSocket(error);
  }
  return CommitSocket();
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
    id_ = FreshId();
    const auto front = make_front_(id_);
    if (const int failure = drop_->Overwrite(0, spool::UnfinishedHead() + front.envelope + front.header))
      return failure;
  }
}

mail::QueueId Handover::CommitSocket() {
  Send(FinishedHead());
  const int error = socket_->Finish();
  const auto reply = error ? std::nullopt : socket_->ReadReply();
  if (!reply)
    throw Refusal(EX_TEMPFAIL, "no answer on " + site_.submit_socket + ": the message may not be queued");
  if (reply->status) throw Refusal(reply->status, reply->text);
  return mail::QueueId::Parse(reply->text).value_or(id_);
}

}  // namespace submit
