// SPDX-License-Identifier: BSD-2-Clause
#include "counter_file.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"
#include "base/text.hxx"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <stdexcept>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

UniqueFd Watch(const std::string& file) {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC));
  if (!fd || ::inotify_add_watch(fd.Get(), file.c_str(), IN_MODIFY) < 0) ThrowErrno("Failed to watch", file);
  return fd;
}

void AwaitChange(const UniqueFd& watch, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  struct pollfd poll = {watch.Get(), POLLIN, 0};
  if (left.count() <= 0 || ::poll(&poll, 1, static_cast<int>(left.count())) <= 0)
    throw std::runtime_error("The messages did not all arrive in time");
  alignas(struct inotify_event) std::array<char, 4096> events{};
  if (::read(watch.Get(), events.data(), events.size()) < 0) ThrowErrno("Failed to read what has changed");
}

}  // namespace

std::size_t ReadCounter(const std::string& file, const std::string& name) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name + ": ")) continue;
    if (const auto number = ParseNumber<std::size_t>(line.substr(name.size() + 2))) return *number;
  }
  throw std::runtime_error("No counter " + name + " in " + file);
}

void AwaitMessages(const std::string& file, std::size_t count, std::chrono::seconds limit) {
  const auto deadline = Clock::now() + limit;
  const UniqueFd watch = Watch(file);
  while (ReadCounter(file, "messages") < count) AwaitChange(watch, deadline);
}

}  // namespace bench
