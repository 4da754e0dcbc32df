// SPDX-License-Identifier: BSD-2-Clause
#include "watch.hxx"

#include "base/error.hxx"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bench {

Watch::Watch(const std::string& path) : fd_(::inotify_init1(IN_CLOEXEC)) {
  if (!fd_ || ::inotify_add_watch(fd_.Get(), path.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
    ThrowErrno("Failed to watch", path);
}

Watch::Changes Watch::Await(Clock::time_point deadline) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  struct pollfd poll = {fd_.Get(), POLLIN, 0};
  if (left.count() <= 0 || ::poll(&poll, 1, static_cast<int>(left.count())) <= 0)
    throw std::runtime_error("The messages did not all arrive in time");
  std::array<char, 64 * 1024> events;
  const ssize_t size = ::read(fd_.Get(), events.data(), events.size());
  if (size < 0) ThrowErrno("Failed to read what has changed");
  Changes changes;
  struct inotify_event event;
  for (const char* at = events.data(); at < events.data() + size; at += sizeof event + event.len) {
    std::memcpy(&event, at, sizeof event);
    if (event.mask & IN_Q_OVERFLOW) changes.lost = true;
    if (event.len > 0) changes.names.insert(at + sizeof event);
  }
  return changes;
}

}  // namespace bench
