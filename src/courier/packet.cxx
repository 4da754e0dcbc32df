// SPDX-License-Identifier: BSD-2-Clause
#include "courier/packet.hxx"

#include "base/error.hxx"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace courier {

namespace {

constexpr std::size_t kMaxDescriptors = 2;
constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * 4);

// Takes every descriptor that came, so that none leaks; false if there were too many.
bool TakeDescriptors(msghdr& header, Packet& packet) {
  std::size_t count = 0;
  for (auto* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t number = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < number; ++i, ++count) {
      int received;
      std::memcpy(&received, CMSG_DATA(control) + i * sizeof(int), sizeof received);
      (count == 0 ? packet.fd : packet.second_fd) = UniqueFd(received);
    }
  }
  return count <= kMaxDescriptors;
}

// unix(7), socket(7): nothing has happened, and nothing is wrong with the connection.
bool IsShortage(int error) noexcept {
  return error == ENOMEM || error == ENOBUFS || error == ETOOMANYREFS;
}

bool Blocks(FdRef socket) noexcept {
  const int flags = ::fcntl(socket.Get(), F_GETFL);
  return flags >= 0 && !(flags & O_NONBLOCK);
}

// Calls @p transfer, which is sendmsg(2) or the like, until a signal, or on a socket that blocks a shortage,
// is no reason any more to call it again.
template <typename Transfer>
ssize_t Repeat(FdRef socket, Transfer transfer) {
  for (;;) {
    const ssize_t n = transfer();
    if (n >= 0 || (errno != EINTR && !IsShortage(errno))) return n;
    if (errno == EINTR) continue;
    const int error = errno;
    if (!Blocks(socket)) return errno = error, n;
    WaitOutShortage();
  }
}

}  // namespace

std::pair<UniqueFd, UniqueFd> MakePair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
    ThrowErrno("Failed to make a socket pair");
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

UniqueFd Connect(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd) ThrowErrno("Failed to make a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw MakeErrno(ENAMETOOLONG, "Failed to connect to", path);
  path.copy(address.sun_path, path.size());
  if (::connect(fd.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    ThrowErrno("Failed to connect to", path);
  return fd;
}

SendStatus Send(FdRef socket, std::string_view text, FdRef fd, FdRef second_fd) {
  if (text.size() > kMaxPacket) throw MakeErrno(EMSGSIZE, "Failed to send a packet");
  iovec part{const_cast<char*>(text.data()), text.size()};
  int numbers[kMaxDescriptors];
  std::size_t count = 0;
  for (const auto descriptor : {fd, second_fd})
    if (descriptor.Get() >= 0) numbers[count++] = descriptor.Get();
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof numbers)] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (count > 0) {
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    auto* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(rights), numbers, count * sizeof(int));
  }
  if (Repeat(socket, [&] { return ::sendmsg(socket.Get(), &header, MSG_NOSIGNAL); }) >= 0)
    return SendStatus::Sent;
  if (errno == EAGAIN) return SendStatus::WouldBlock;
  if (IsShortage(errno)) return SendStatus::Shortage;
  if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) return SendStatus::Closed;
  ThrowErrno("Failed to send a packet");
}

namespace {

// Of the next packet, which stays, or what recv(2) says instead. Room for the largest one would cost more
// page faults than all the rest of a delivery.
ssize_t WaitForSize(FdRef socket) {
  return Repeat(socket, [&] { return ::recv(socket.Get(), nullptr, 0, MSG_PEEK | MSG_TRUNC); });
}

ReceiveStatus StatusOfFailure() {
  if (errno == EAGAIN) return ReceiveStatus::WouldBlock;
  if (IsShortage(errno)) return ReceiveStatus::Shortage;
  if (errno != ECONNRESET) ThrowErrno("Failed to receive a packet");
  return ReceiveStatus::Closed;
}

ReceiveStatus ReceiveWith(FdRef socket, Packet& packet, int flags) {
  packet.fd.Close();
  packet.second_fd.Close();
  packet.text.clear();
  const ssize_t size = WaitForSize(socket);
  if (size < 0) return StatusOfFailure();
  packet.text.resize(std::min(static_cast<std::size_t>(size), kMaxPacket));
  iovec part{packet.text.data(), packet.text.size()};
  alignas(cmsghdr) char control[kControlSize];
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const auto n = Repeat(socket, [&] { return ::recvmsg(socket.Get(), &header, MSG_CMSG_CLOEXEC | flags); });
  const auto failure = n < 0 ? StatusOfFailure() : ReceiveStatus::Closed;
  packet.text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  if (n <= 0) return failure;
  // There is room for more descriptors than may come: what is cut off is what this process may not have
  // (EMFILE).
  const bool is_few = TakeDescriptors(header, packet);
  return is_few && !(header.msg_flags & MSG_TRUNC) ? ReceiveStatus::Received : ReceiveStatus::Closed;
}

}  // namespace

ReceiveStatus Receive(FdRef socket, Packet& packet) {
  return ReceiveWith(socket, packet, 0);
}

ReceiveStatus Peek(FdRef socket, Packet& packet) {
  return ReceiveWith(socket, packet, MSG_PEEK);
}

void WaitOutShortage() noexcept {
  const timespec delay{0, std::chrono::nanoseconds(kShortageDelay).count()};
  ::nanosleep(&delay, nullptr);
}

}  // namespace courier
