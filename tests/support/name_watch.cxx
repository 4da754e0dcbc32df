// SPDX-License-Identifier: BSD-2-Clause
#include "support/name_watch.hxx"

#include <sys/inotify.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

// Of packets, so that no event is read by half.
NameWatch::NameWatch(UniqueFd& reader) {
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) < 0) return;
  socket_ = UniqueFd(ends[0]);
  reader = UniqueFd(ends[1]);
}

void NameWatch::Tell(std::string_view name, std::uint32_t event) {
  inotify_event head{};
  head.wd = 1;
  head.mask = event;
  head.len = static_cast<std::uint32_t>((name.size() / sizeof head + 1) * sizeof head);
  std::string packet(sizeof head + head.len, '\0');
  std::memcpy(packet.data(), &head, sizeof head);
  std::memcpy(packet.data() + sizeof head, name.data(), name.size());
  unsent_.push_back(std::move(packet));
  Continue();
}

void NameWatch::Continue() {
  for (; !unsent_.empty(); unsent_.pop_front()) {
    const auto& packet = unsent_.front();
    if (::send(socket_.Get(), packet.data(), packet.size(), MSG_NOSIGNAL) >= 0) continue;
    if (errno != EAGAIN) socket_.Close();
    return;
  }
}
