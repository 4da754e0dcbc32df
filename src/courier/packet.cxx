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

// Takes every descriptor that came, so that none leaks. @return how many there were
std::size_t TakeDescriptors(msghdr& header, Packet& packet) {
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
  return count;
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

bool IsShortage(int error) noexcept {
  return error == ENOMEM || error == ENOBUFS || error == ETOOMANYREFS || error == EMFILE || error == ENFILE;
}

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

struct Look {
  ssize_t size = 0;  // as recv(2) returns it
  bool is_welcome = true;
};

// The size of the next datagram, which stays, and its descriptors: where this process may not have those,
// they can be had later. There is room for more of them than may come, so what is cut off is what it may not
// have. Room for the largest text would cost more page faults than all the rest of a delivery.
Look LookAtNext(FdRef socket, Packet& packet) {
  Look look;
  look.size = Repeat(socket, [&]() -> ssize_t {
    alignas(cmsghdr) char control[kControlSize];
    msghdr header{};
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const auto n = ::recvmsg(socket.Get(), &header, MSG_CMSG_CLOEXEC | MSG_PEEK | MSG_TRUNC);
    if (n < 0) return n;
    look.is_welcome = TakeDescriptors(header, packet) <= kMaxDescriptors;
    if (!look.is_welcome || !(header.msg_flags & MSG_CTRUNC)) return n;
    packet.fd.Close();
    packet.second_fd.Close();
    return errno = EMFILE, -1;
  });
  return look;
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
  const auto look = LookAtNext(socket, packet);
  if (look.size < 0) return StatusOfFailure();
  const auto size = static_cast<std::size_t>(look.size);
  packet.text.resize(std::min(size, kMaxPacket));
  const auto n =
      Repeat(socket, [&] { return ::recv(socket.Get(), packet.text.data(), packet.text.size(), flags); });
  const auto failure = n < 0 ? StatusOfFailure() : ReceiveStatus::Closed;
  packet.text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  if (n <= 0) return failure;
  return look.is_welcome && size <= kMaxPacket ? ReceiveStatus::Received : ReceiveStatus::Closed;
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
