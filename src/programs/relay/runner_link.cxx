// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/runner_link.hxx"

#include "programs/relay/fault.hxx"
#include "service/journal.hxx"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <utility>

namespace relay {

RunnerLink::RunnerLink(const asio::any_io_executor& executor, UniqueFd socket, Dispatcher& dispatcher,
                       Activity::Token token)
    : socket_(executor, socket.Release()),
      dispatcher_(dispatcher),
      token_(std::move(token)),
      room_(executor, asio::steady_timer::time_point::max()) {}

asio::awaitable<void> RunnerLink::Run() {
  const auto self = shared_from_this();
  try {
    while (ReadAll()) {
      std::error_code error;
      if (std::exchange(shortage_, false))
        co_await Pause();
      else if (requests_ >= kMaxRequests)
        co_await WaitForRoom();
      else
        co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
    }
  } catch (const std::exception& error) {
    service::Log(LOG_ERR, std::string("The connection from the runner failed: ") + error.what());
  }
  Close();
}

void RunnerLink::Close() {
  std::error_code ignored;
  if (socket_.is_open()) socket_.close(ignored);
  room_.cancel();
}

// Takes the packets that have come. False at the end of the connection.
bool RunnerLink::ReadAll() {
  while (socket_.is_open() && requests_ < kMaxRequests) {
    courier::Packet packet;
    switch (courier::Receive(Socket(), packet)) {
      case courier::ReceiveStatus::Shortage:
        shortage_ = true;
        return true;
      case courier::ReceiveStatus::WouldBlock:
        return true;
      case courier::ReceiveStatus::Closed:
        return false;
      case courier::ReceiveStatus::Received:
        if (!OnPacket(std::move(packet))) return false;
    }
  }
  return socket_.is_open();
}

bool RunnerLink::OnPacket(courier::Packet packet) {
  auto request = courier::Request::Parse(packet.text);
  if (!request) {
    service::Log(LOG_ERR, "The runner sent something that is no request, closing the connection");
    return false;
  }
  auto job = std::make_unique<Job>();
  job->request = std::move(*request);
  job->message = std::move(packet.fd);
  job->sealed = std::move(packet.second_fd);
  job->requester = weak_from_this();
  ++requests_;
  dispatcher_.Add(std::move(job));
  return true;
}

asio::awaitable<void> RunnerLink::WaitForRoom() {
  std::error_code ignored;
  co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void RunnerLink::OnResults(std::uint64_t serial, std::vector<mail::DeliveryResult> results, bool unreached) {
  courier::Answer answer{serial, {}, {}, unreached};
  for (std::size_t i = 0; i < results.size(); ++i) answer.results.emplace_back(i, std::move(results[i]));
  Answer(std::move(answer));
}

void RunnerLink::OnReports(std::uint64_t serial, std::vector<mail::RelayReport> reports) {
  Answer({.serial = serial, .results = {}, .reports = std::move(reports)});
}

void RunnerLink::Answer(courier::Answer answer) {
  for (const auto& part : courier::Split(std::move(answer))) answers_.push_back(part.ToText());
  --requests_;
  room_.cancel();
  if (!flushing_) Flush();
}

void RunnerLink::Flush() {
  while (!answers_.empty() && socket_.is_open()) {
    const auto status = courier::Send(Socket(), answers_.front());
    if (status == courier::SendStatus::Closed) return Close();
    if (status != courier::SendStatus::Sent) {
      flushing_ = true;
      const bool is_shortage = status == courier::SendStatus::Shortage;
      asio::co_spawn(socket_.get_executor(), FlushLater(is_shortage), RethrowFault);
      return;
    }
    answers_.pop_front();
  }
}

asio::awaitable<void> RunnerLink::Pause() {
  asio::steady_timer pause(socket_.get_executor(), courier::kShortageDelay);
  co_await pause.async_wait(asio::use_awaitable);
}

asio::awaitable<void> RunnerLink::FlushLater(bool is_shortage) {
  const auto self = shared_from_this();
  std::error_code error;
  if (is_shortage)
    co_await Pause();
  else
    co_await socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                                asio::redirect_error(asio::use_awaitable, error));
  flushing_ = false;
  if (!error) Flush();
}

}  // namespace relay
