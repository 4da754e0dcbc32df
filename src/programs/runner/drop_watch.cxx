// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/drop_watch.hxx"

#include <asio/post.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace runner {

DropWatch::DropWatch(asio::io_context& context, const spool::DropDirectory& drops, queue::Intake& intake)
    : context_(context), changes_(context, drops.Watch().Release()), intake_(intake) {}

void DropWatch::Start() {
  Wait();
  intake_.Scan();
}

void DropWatch::Wait() {
  changes_.async_wait(asio::posix::descriptor_base::wait_read, [this](std::error_code error) {
    if (!error) ReadNames();
  });
}

void DropWatch::ReadNames() {
  alignas(inotify_event) std::array<char, 16384> events;
  const ssize_t size = ::read(changes_.native_handle(), events.data(), events.size());
  if (size <= 0) return Wait();
  for (ssize_t at = 0; at < size;) {
    inotify_event event;
    std::memcpy(&event, events.data() + at, sizeof event);
    if (event.mask & IN_Q_OVERFLOW) intake_.Scan();
    if (event.len > 0) intake_.OnName(events.data() + at + sizeof event);
    at += static_cast<ssize_t>(sizeof event + event.len);
  }
  asio::post(context_, [this] { ReadNames(); });
}

}  // namespace runner
