// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/mime_plan.hxx"
#include "programs/relay/job.hxx"
#include "programs/relay/message_source.hxx"
#include "programs/relay/message_text.hxx"
#include "smtp/extensions.hxx"
#include "smtp/message.hxx"

#include <asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace relay {

/// A job's message made ready for one server: looked through, and converted where the server can't take it as
/// it is.
class Preparation {
 public:
  /// The longest text that goes as one chunk ahead of the replies (RFC 3030), octets: one that is refused has
  /// cost no more.
  static constexpr std::size_t kMaxChunk = 64 * 1024;
  /// After so many octets of a message others have their turn.
  static constexpr std::uint64_t kTurn = 1024 * 1024;

  /// @param job outlives this
  explicit Preparation(const Job& job) noexcept : job_(job), message_{job.request.envelope, 0, false, {}} {}

  /// Reads the message once, or twice if it must be converted. Throws std::exception if that fails.
  /// @param extensions what the server offers
  /// @param chunks they may be used
  [[nodiscard]] asio::awaitable<void> Run(const smtp::Extensions& extensions, bool chunks);

  [[nodiscard]] const smtp::Message& Message() const noexcept { return message_; }
  /// From its beginning, for DATA.
  [[nodiscard]] MessageText Text() const { return MakeText(smtp::TextEncoder::Form::Dotted); }

 private:
  [[nodiscard]] MessageSource Source() const;
  [[nodiscard]] MessageText MakeText(smtp::TextEncoder::Form form) const;
  asio::awaitable<void> Plan(bool seven_bit);
  void MakeChunk();

  const Job& job_;
  smtp::Message message_;
  std::unique_ptr<mail::MimePlan> plan_;  // null: nothing to convert
};

}  // namespace relay
