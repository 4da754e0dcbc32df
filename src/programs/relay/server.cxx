// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/server.hxx"

#include "base/error.hxx"
#include "programs/relay/fault.hxx"
#include "service/journal.hxx"
#include "service/notify.hxx"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace relay {

Server::Server(UniqueFd listener)
    : listener_(context_, listener.Release()),
      signals_(context_, SIGTERM, SIGINT),
      linger_(context_),
      activity_([this] { OnIdle(); }),
      dispatcher_(context_.get_executor(), activity_) {
  listener_.non_blocking(true);
}

void Server::Run() {
  signals_.async_wait([this](const std::error_code& error, int) {
    if (!error) context_.stop();
  });
  asio::co_spawn(context_, Listen(), RethrowFault);
  if (const auto interval = service::WatchdogInterval())
    asio::co_spawn(context_, FeedWatchdog(*interval), RethrowFault);
  OnIdle();
  service::NotifyReady();
  loop_.Run();
  Stop();
}

// Connections that are still in the socket's queue stay there: systemd holds the socket as well, and starts
// the service again for them.
void Server::Stop() {
  service::NotifyStopping();
  std::error_code ignored;
  listener_.close(ignored);
  dispatcher_.Stop();
  context_.restart();
  const auto end = std::chrono::steady_clock::now() + kStopTimeout;
  while (!dispatcher_.IsStopped() && loop_.RunOneUntil(end)) continue;
}

asio::awaitable<void> Server::Listen() {
  for (;;) {
    std::error_code error;
    co_await listener_.async_wait(asio::posix::stream_descriptor::wait_read,
                                  asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    if (TryAcceptAll()) continue;
    asio::steady_timer timer(context_, kAcceptDelay);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

bool Server::TryAcceptAll() {
  try {
    AcceptAll();
    return true;
  } catch (const std::exception& error) {
    service::Log(LOG_ERR, std::string(error.what()) + ", trying again in a second");
    return false;
  }
}

// False if no connection was waiting.
bool Server::AcceptAll() {
  bool any = false;
  for (;;) {
    UniqueFd socket(::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket && errno == EAGAIN) return any;
    if (!socket && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (!socket) ThrowErrno("Failed to accept a connection");
    any = true;
    linger_.cancel();
    auto link = std::make_shared<RunnerLink>(context_.get_executor(), std::move(socket), dispatcher_,
                                             activity_.Begin());
    std::erase_if(links_, [](const auto& old) { return old.expired(); });
    links_.push_back(link);
    asio::co_spawn(context_, link->Run(), RethrowFault);
  }
}

void Server::OnIdle() {
  linger_.expires_after(kLinger);
  linger_.async_wait([this](const std::error_code& error) {
    if (!error) OnLingered();
  });
}

void Server::OnLingered() {
  if (!activity_.IsIdle() || AcceptAll()) return;
  context_.stop();
}

asio::awaitable<void> Server::FeedWatchdog(std::chrono::microseconds interval) {
  asio::steady_timer timer(context_);
  while (listener_.is_open()) {
    service::NotifyWatchdog();
    timer.expires_after(interval);
    std::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace relay
