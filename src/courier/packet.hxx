// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

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

enum class SendStatus { Sent, WouldBlock, Closed };

/// Sends one datagram, with those of @p fd and @p second_fd that are not negative, in this order. Closed: the
/// other side has gone. Throws std::system_error for anything else.
[[nodiscard]] SendStatus Send(FdRef socket, std::string_view text, FdRef fd = FdRef(-1),
                              FdRef second_fd = FdRef(-1));

enum class ReceiveStatus { Received, WouldBlock, Closed };

/// Receives one datagram. One that is empty, cut, or carries more than two descriptors ends the
/// conversation: Closed. Throws std::system_error.
[[nodiscard]] ReceiveStatus Receive(FdRef socket, Packet& packet);

/// As Receive, but leaves the datagram where it is: the next call gets it, too.
[[nodiscard]] ReceiveStatus Peek(FdRef socket, Packet& packet);

}  // namespace courier
