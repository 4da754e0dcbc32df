// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/wait.hxx"

#include "base/error.hxx"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <random>

namespace deliver {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kFirstWait = 5ms;
constexpr std::chrono::nanoseconds kLongestWait = 500ms;

timespec ToTimespec(std::chrono::nanoseconds time) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((time - seconds).count())};
}

}  // namespace

void HoldTermination() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) < 0) ThrowErrno("Failed to block SIGTERM");
}

bool Poll(std::span<pollfd> fds, std::chrono::nanoseconds timeout) {
  sigset_t none;
  ::sigemptyset(&none);
  const timespec limit = ToTimespec(std::max(timeout, 0ns));
  const int n = ::ppoll(fds.data(), fds.size(), timeout < 0ns ? nullptr : &limit, &none);
  if (n < 0 && errno != EINTR) ThrowErrno("Failed to poll");
  return n > 0;
}

Backoff::Backoff(std::chrono::nanoseconds limit) noexcept
    : end_(std::chrono::steady_clock::now() + limit), next_(kFirstWait) {}

bool Backoff::Wait() {
  static std::minstd_rand random(static_cast<unsigned>(::getpid()));
  const auto left = end_ - std::chrono::steady_clock::now();
  if (left <= 0ns) return false;
  const auto wait = next_ * static_cast<long>(75 + random() % 50) / 100;
  Poll({}, std::min<std::chrono::nanoseconds>(wait, left));
  next_ = std::min(next_ * 2, kLongestWait);
  return true;
}

}  // namespace deliver
