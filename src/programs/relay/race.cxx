// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/race.hxx"

#include "programs/relay/fault.hxx"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace relay {

Race::Race(const asio::any_io_executor& executor, std::vector<Candidate> candidates,
           std::vector<std::string> sources, tls::Stream::Duration limit)
    : candidates_(std::move(candidates)), sources_(std::move(sources)), limit_(limit), event_(executor) {
  outcome_.faults.resize(candidates_.size());
}

asio::awaitable<Race::Outcome> Race::Run() {
  const auto self = shared_from_this();  // the attempts that lose end after this
  std::size_t ended = 0;
  while (!outcome_.stream && ended < candidates_.size()) {
    const bool more = streams_.size() < candidates_.size();
    if (more) Start();
    const bool waits = running_ > 0 && !outcome_.stream;
    if (more && streams_.size() < candidates_.size())
      event_.expires_after(kAttemptDelay);
    else
      event_.expires_at(asio::steady_timer::time_point::max());
    std::error_code ignored;
    if (waits) co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    ended = streams_.size() - running_;
  }
  for (auto& stream : streams_)
    if (stream) stream->Close();
  co_return std::move(outcome_);
}

void Race::Start() {
  streams_.push_back(std::make_unique<tls::Stream>(event_.get_executor()));
  ++running_;
  asio::co_spawn(event_.get_executor(), Attempt(streams_.size() - 1), RethrowFault);
}

asio::awaitable<void> Race::Attempt(std::size_t index) {
  const auto self = shared_from_this();
  std::optional<mail::DeliveryResult> fault;
  try {
    co_await Connect(candidates_[index], sources_, limit_, *streams_[index]);
  } catch (const tls::StreamError& error) {
    fault = error.Result();
  } catch (const std::exception& error) {
    fault = mail::Deferred("4.3.0", error.what());
  }
  --running_;
  if (!fault && !outcome_.stream) {
    outcome_.stream = std::move(streams_[index]);
    outcome_.winner = index;
  }
  if (fault && index < outcome_.faults.size()) outcome_.faults[index] = std::move(*fault);
  event_.cancel();
}

}  // namespace relay
