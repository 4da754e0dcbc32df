// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/command_pool.hxx"

#include "base/error.hxx"
#include "courier/command_output.hxx"
#include "courier/packet.hxx"
#include "service/journal.hxx"

#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>

#include <fcntl.h>
#include <poll.h>
#include <syslog.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

namespace runner {

/// Reads what a command prints until it ends: the first line belongs to its result.
class CommandPool::Output : public std::enable_shared_from_this<Output> {
 public:
  explicit Output(asio::io_context& context) : reader_(context) {
    UniqueFd copy(::fcntl(output_.Reader().Get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) ThrowErrno("Failed to set up a pipe");
    reader_.assign(copy.Get());
    static_cast<void>(copy.Release());
  }

  /// Sends the command its end of the pipe, and begins to read the other.
  void Start(FdRef socket) {
    if (output_.SendTo(socket) != courier::SendStatus::Sent)
      throw MakeErrno(EPIPE, "Failed to send a command its output");
    Wait();
  }

  /// Adds to @p reply what has been printed; nothing more is read.
  void Finish(Reply& reply) {
    if (reader_.is_open()) DrainAll();
    for (auto& result : reply.results)
      if (result) output_.AddTo(*result);
    std::error_code ignored;
    reader_.close(ignored);
  }

 private:
  void Wait() {
    reader_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](std::error_code error) {
                         if (!error && self->output_.Drain()) self->Wait();
                       });
  }

  // What came before the answer is there by now; of what is written by others later nothing is wanted.
  void DrainAll() {
    pollfd ready{output_.Reader().Get(), POLLIN, 0};
    if (::poll(&ready, 1, 0) > 0) (void)output_.Drain();
  }

  courier::CommandOutput output_;
  asio::posix::stream_descriptor reader_;  ///< a copy of the pipe's end: Asio closes what it has
};

bool CommandPool::HasRoom(uid_t uid, uid_t share) const noexcept {
  return orders_.HasRoom(uid, share);
}

void CommandPool::Deliver(uid_t uid, Order order) {
  order.done = [this, uid, place = orders_.Take(uid, order.share),
                done = std::move(order.done)](const Reply& reply) {
    place->Free();
    on_room_(uid, orders_.IsEmpty(uid) ? kMaxOfUser : 1);
    done(reply);
  };
  waiting_.push_back({uid, std::move(order)});
  asio::post(context_, [this] { LaunchWaiting(); });
}

void CommandPool::LaunchWaiting() {
  while (count_ < kMaxCommands) {
    const auto next = std::ranges::find_if(
        waiting_, [this](const Waiting& waiting) { return running_[waiting.uid] < kMaxOfUser; });
    if (next == waiting_.end()) return;
    auto waiting = std::move(*next);
    waiting_.erase(next);
    TryLaunch(std::move(waiting));
  }
}

// Lack of memory or descriptors, mostly: it is the matter of this command and of no other.
void CommandPool::TryLaunch(Waiting waiting) {
  try {
    Launch(waiting);
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string(e.what()) + ", retrying");
    if (waiting.order.done) waiting.order.GiveBack({.results = {}, .fault = e.what()});
  }
}

void CommandPool::Launch(Waiting& waiting) {
  const uid_t uid = waiting.uid;
  auto [ours, commands] = courier::MakePair();
  const auto output = std::make_shared<Output>(context_);
  output->Start(ours);
  const auto channel = std::make_shared<Channel>(context_, std::move(ours), 1,
                                                 Channel::Events{[] {}, [this, uid] { OnClosed(uid); }});
  ++running_[uid];
  ++count_;
  launcher_.Hold();
  channel->Start();
  auto order = std::exchange(waiting.order, {});
  order.done = [output, weak = std::weak_ptr(channel), done = std::move(order.done)](Reply reply) {
    output->Finish(reply);
    done(reply);
    // A request that could not be sent: the unit would wait for it, and keep its place.
    if (const auto started = weak.lock(); started && !reply.fault.empty()) started->Close();
  };
  channel->Deliver(std::move(order));
  const auto on_reply = [weak = std::weak_ptr(channel)](const std::string& why) {
    const auto started = weak.lock();
    if (started && !why.empty())
      started->Close(mail::Deferred("4.3.0", "the command can't be started: " + why));
  };
  try {
    launcher_.Launch(courier::LaunchKind::Command, uid, std::move(commands), on_reply);
  } catch (...) {
    channel->Close();
    throw;
  }
}

// The unit has ended: only now is its place free.
void CommandPool::OnClosed(uid_t uid) {
  if (--running_[uid] == 0) running_.erase(uid);
  --count_;
  launcher_.LetGo();
  asio::post(context_, [this] { LaunchWaiting(); });
}

}  // namespace runner
