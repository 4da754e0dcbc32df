// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/protocol.hxx"

#include <optional>

namespace command {

/// What the two runs of the program in one unit know of one another: the request stays in the socket until it
/// has been answered. So the run that becomes the user's command only looks at it; the one that reports how
/// that ended finds it there, and finds nothing where the first has answered by itself.
class Conversation {
 public:
  /// @param runner a SOCK_SEQPACKET socket; must outlive the conversation
  explicit Conversation(FdRef runner) noexcept : runner_(runner) {}

  struct Order {
    courier::Request request;
    UniqueFd message;
  };

  /// The first run: waits for the request, and leaves it where it is. TakeOutput has something from then on.
  /// Throws std::system_error, and std::runtime_error for what is no request of one recipient with serial 1.
  [[nodiscard]] Order Look();

  /// The command's standard output and error.
  [[nodiscard]] UniqueFd TakeOutput() noexcept { return std::move(output_); }

  /// The second run: the request that is still unanswered; empty if there is none. Waits for nothing.
  /// Throws as Look.
  [[nodiscard]] std::optional<courier::Request> FindUnanswered();

  /// For the second run: the first has got as far as Look. Else systemd could not start it.
  [[nodiscard]] bool HasStarted() const noexcept { return started_; }

  /// Takes the request out of the socket, if it is still there, and answers it. A runner that has gone is no
  /// error. Throws std::system_error.
  void Answer(courier::Answer answer);

 private:
  FdRef runner_;
  UniqueFd output_;
  bool started_ = true;
};

/// An answer to such a request.
[[nodiscard]] courier::Answer MakeAnswer(mail::DeliveryResult result);

}  // namespace command
