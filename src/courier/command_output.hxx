// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/packet.hxx"
#include "mail/delivery_result.hxx"

#include <cstddef>
#include <string>

namespace courier {

/// The output of a command, at the runner's end: a pipe of which the first line is kept for the bounce, and
/// the rest thrown away as it comes, so that a command neither waits nor fills anything however much it
/// prints. Nobody but the runner has the reading end, so nobody can make it wait there.
class CommandOutput {
 public:
  static constexpr std::size_t kMaxLine = 200;  ///< octets that are kept

  /// Throws std::system_error.
  CommandOutput();

  /// Sends the writing end, and keeps none. To be called once, before the request is sent.
  /// Throws std::system_error.
  [[nodiscard]] SendStatus SendTo(FdRef socket);

  /// Becomes readable when Drain has something to do.
  [[nodiscard]] FdRef Reader() const noexcept { return reader_; }

  /// Reads what is there, and no more than a pipe's content at a time.
  /// @return false if nothing more can come: Reader() needs no more waiting for
  /// Throws std::system_error.
  [[nodiscard]] bool Drain();

  /// Puts the first line behind the result's text, unless the message was delivered. Drain comes first.
  void AddTo(mail::DeliveryResult& result) const;

 private:
  UniqueFd reader_;
  UniqueFd writer_;
  std::string line_;
  bool line_ended_ = false;
};

/// Tells a datagram of CommandOutput::SendTo from a request.
[[nodiscard]] bool IsCommandOutput(const Packet& packet) noexcept;

}  // namespace courier
