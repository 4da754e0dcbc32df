// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace courier {

/// The most octets a datagram holds: well under the kernel's default for a socket's buffer.
constexpr std::size_t kMaxPacket = 128 * 1024;

/// A datagram, and what came with it (SCM_RIGHTS): close-on-exec, empty if nothing did.
struct Packet {
  std::string text;
  UniqueFd fd;
  UniqueFd second_fd{};  ///< empty, too, where fd is
};

/// A connected pair of SOCK_SEQPACKET sockets, close-on-exec. Throws std::system_error.
[[nodiscard]] std::pair<UniqueFd, UniqueFd> MakePair();

/// Connects to a SOCK_SEQPACKET socket of the file system, close-on-exec. Throws std::system_error.
[[nodiscard]] UniqueFd Connect(const std::string& path);

/// How long to wait after a Shortage.
constexpr std::chrono::milliseconds kShortageDelay{100};

/// Whether errno says that something lacks that others may give back: memory of the kernel, or descriptors.
/// The call has done nothing, and nothing is wrong with the connection (unix(7), socket(7), accept(2)).
[[nodiscard]] bool IsShortage(int error) noexcept;

enum class SendStatus {
  Sent,
  WouldBlock,
  Shortage,  ///< the kernel has no memory for it now, or too many descriptors are under way: not sent
  Closed,    ///< the other side has gone
};

/// Sends one datagram, with those of @p fd and @p second_fd that are not negative, in this order. A socket
/// that blocks waits for a shortage to pass. Throws std::system_error for anything else.
[[nodiscard]] SendStatus Send(FdRef socket, std::string_view text, FdRef fd = FdRef(-1),
                              FdRef second_fd = FdRef(-1));

enum class ReceiveStatus {
  Received,
  WouldBlock,
  Shortage,  ///< the kernel has no memory for it now, or the process may not have its descriptors (EMFILE):
             ///< the datagram is where it was
  Closed,
};

/// Receives one datagram. One that is empty, cut, or carries more than two descriptors ends the
/// conversation: Closed. It never comes without the descriptors that it was sent with. A socket that blocks
/// waits for a shortage to pass. Throws std::system_error.
[[nodiscard]] ReceiveStatus Receive(FdRef socket, Packet& packet);

/// Like Receive, but leaves the datagram in the socket: the next call gets it again.
[[nodiscard]] ReceiveStatus Peek(FdRef socket, Packet& packet);

/// Sleeps for kShortageDelay, by nanosleep(2).
void WaitOutShortage() noexcept;

}  // namespace courier
