// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/submit_server.hxx"

#include "base/error.hxx"
#include "base/text.hxx"
#include "queue/submitters.hxx"
#include "service/journal.hxx"
#include "spool/drop_format.hxx"
#include "spool/drop_stream.hxx"

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace runner {

namespace {

using asio::use_awaitable;
using asio::experimental::awaitable_operators::operator||;

constexpr auto kAcceptPause = std::chrono::seconds(1);
constexpr std::uint64_t kLookForRoom = std::uint64_t{1024} * 1024;  // octets between two looks at the disk

// What a stream has besides the message.
constexpr std::uint64_t kMaxFront = 2 * spool::kDropHeadSize + mail::Envelope::kMaxSubmittedSize;

spool::SubmitReply TooLarge(std::uint64_t max) {
  return {EX_UNAVAILABLE, "the message has more than " + std::to_string(max) + " octets (MessageSize=)"};
}

uid_t PeerOf(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
    ThrowErrno("Failed to identify a sender");
  return credentials.uid;
}

}  // namespace

SubmitServer::SubmitServer(asio::io_context& context, UniqueFd listener, const spool::Queue& queue,
                           const SettingsWatch& settings, queue::Intake& intake,
                           std::function<void()> on_idle, const Patience& patience)
    : context_(context),
      acceptor_(context),
      queue_(queue),
      settings_(settings),
      intake_(intake),
      on_idle_(std::move(on_idle)),
      patience_(patience) {
  if (listener) acceptor_.assign(asio::local::stream_protocol(), listener.Release());
}

void SubmitServer::Start() {
  if (acceptor_.is_open()) asio::co_spawn(context_, AcceptAll(), asio::detached);
}

asio::awaitable<void> SubmitServer::AcceptAll() {
  for (;;) {
    try {
      auto socket = co_await acceptor_.async_accept(use_awaitable);
      const uid_t peer = PeerOf(socket.native_handle());
      asio::co_spawn(context_, Serve(std::move(socket), peer), asio::detached);
      continue;
    } catch (const std::exception& e) {
      service::Log(LOG_ERR, std::string("Failed to accept a submission: ") + e.what() + ", retrying in 1 s");
    }
    asio::steady_timer pause(context_, kAcceptPause);  // out of descriptors, say: don't spin
    co_await pause.async_wait(use_awaitable);
  }
}

asio::awaitable<void> SubmitServer::Serve(Socket socket, uid_t peer) {
  spool::SubmitReply reply;
  ++open_;
  try {
    reply = co_await ServeInPlace(socket, peer);
  } catch (const std::exception& e) {
    reply = spool::SubmitReply::NotNow(e.what());
  }
  try {
    const std::string line = reply.ToText();
    co_await asio::async_write(socket, asio::buffer(line), use_awaitable);
  } catch (const std::exception&) {
    // The sender has gone; if the message was taken in, it is delivered all the same.
  }
  if (--open_ == 0) on_idle_();
}

asio::awaitable<spool::SubmitReply> SubmitServer::ServeInPlace(Socket& socket, uid_t peer) {
  const uid_t share = co_await FindShare(peer);
  if (places_.Of(share) >= kMaxOfShare || !places_.MayTake(share))
    co_return spool::SubmitReply{spool::SubmitReply::kBusy, "too many connections at once"};
  places_.Take(share);
  spool::SubmitReply reply;
  try {
    reply = co_await Receive(socket, peer);
  } catch (const std::exception& e) {
    reply = {EX_TEMPFAIL, e.what()};
  }
  places_.GiveBack(share);
  co_return reply;
}

// Without the answer, a user's first mail would be one of those that nobody knows, who may have used up what
// is theirs.
asio::awaitable<uid_t> SubmitServer::FindShare(uid_t peer) {
  if (const auto share = intake_.FindShare(peer)) co_return *share;
  if (asking_.size() < kMaxAsking) {
    const auto asking = asking_.emplace(peer, asio::steady_timer(context_, queue::Submitters::kPatience));
    std::error_code ignored;
    co_await asking->second.async_wait(asio::redirect_error(use_awaitable, ignored));
    asking_.erase(asking);
  }
  co_return intake_.ShareOf(peer);
}

void SubmitServer::OnShare(uid_t uid) {
  const auto [first, last] = asking_.equal_range(uid);
  for (auto asking = first; asking != last; ++asking) asking->second.cancel();
}

// What is received has no name yet, and counts for nobody's UserQueueMax=.
bool SubmitServer::IsLow() const {
  return !queue_.Room().Holds(0, settings_.Current()->queue.reserve);
}

asio::awaitable<spool::SubmitReply> SubmitServer::Receive(Socket& socket, uid_t peer) {
  spool::DropStream stream(queue_);
  const auto buffer = std::make_unique<std::array<char, 64 * 1024>>();
  const auto max = settings_.Current()->queue.message_size;
  const auto end = std::chrono::steady_clock::now() + patience_.all;
  for (auto next_look = kLookForRoom;;) {
    if (stream.Size() >= next_look) {
      if (IsLow()) co_return spool::SubmitReply{EX_TEMPFAIL, "the disk has less room than Reserve= keeps"};
      next_look = stream.Size() + kLookForRoom;
    }
    asio::steady_timer patience(context_,
                                std::min(std::chrono::steady_clock::now() + patience_.silence, end));
    std::error_code error;
    const auto result =
        co_await (socket.async_read_some(asio::buffer(*buffer), asio::redirect_error(use_awaitable, error)) ||
                  patience.async_wait(use_awaitable));
    if (result.index() == 1)
      co_return spool::SubmitReply{EX_TEMPFAIL, "the sender was silent or slow for too long"};
    if (error == asio::error::eof) break;
    if (error) throw std::system_error(error, "Failed to receive a message");
    const auto size = std::get<0>(result);
    if (stream.Size() + size > max + kMaxFront) co_return TooLarge(max);
    stream.Add({buffer->data(), size});
  }
  auto read = stream.Finish(peer, mail::Now());
  if (const auto* refusal = std::get_if<spool::Refusal>(&read))
    co_return spool::SubmitReply{refusal->torn ? EX_TEMPFAIL : EX_DATAERR,
                                 "the message was refused: " + refusal->why};
  auto& drop = std::get<spool::Drop>(read);
  if (drop.envelope.message_size > max) co_return TooLarge(max);
  co_return co_await Commit(std::move(drop));
}

asio::awaitable<spool::SubmitReply> SubmitServer::Commit(spool::Drop drop) {
  asio::steady_timer committed(context_, asio::steady_timer::time_point::max());
  spool::SubmitReply reply;
  intake_.TakeStream(std::move(drop), [&](const spool::SubmitReply& word) {
    reply = word;
    committed.cancel();
  });
  std::error_code ignored;
  co_await committed.async_wait(asio::redirect_error(use_awaitable, ignored));
  co_return reply;
}

}  // namespace runner
