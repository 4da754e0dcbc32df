// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/mime_plan.hxx"
#include "programs/relay/job.hxx"
#include "programs/relay/message_source.hxx"
#include "programs/relay/message_text.hxx"
#include "smtp/client/extensions.hxx"
#include "smtp/client/message.hxx"

#include <asio/awaitable.hpp>

#include <cstdint>
#include <memory>

namespace relay {

/// A job's message made ready for one server: looked through, and converted where the server can't take it as
/// it is.
class Preparation {
 public:
  /// After so many octets of a message others have their turn.
  static constexpr std::uint64_t kTurn = 1024 * 1024;

  /// @param job outlives this
  explicit Preparation(const Job& job) noexcept : job_(job), message_{job.request.envelope, 0, false} {}

  /// Reads the message once, or twice if it must be converted. Throws std::exception if that fails.
  /// @param extensions what the server offers
  [[nodiscard]] asio::awaitable<void> Run(const smtp::Extensions& extensions);

  /// False, after Run, if the server can't take the message, and it can't be converted either.
  [[nodiscard]] bool CanBeSent() const noexcept { return !plan_ || plan_->CanBeSent(); }
  [[nodiscard]] const smtp::Message& Message() const noexcept { return message_; }
  /// The text to send, from its beginning.
  [[nodiscard]] MessageText Text() const { return {Source(), plan_.get()}; }

 private:
  [[nodiscard]] MessageSource Source() const;
  asio::awaitable<void> Plan(bool seven_bit);

  const Job& job_;
  smtp::Message message_;
  std::unique_ptr<mail::MimePlan> plan_;  // null: nothing to convert
};

}  // namespace relay
