// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/mime_converter.hxx"
#include "programs/relay/message_source.hxx"
#include "smtp/client/text_encoder.hxx"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// A message as it goes over the line, block by block: memory does not grow with it.
class MessageText {
 public:
  /// @param plan of what has to be done to the message on its way; null: nothing; outlives this
  MessageText(MessageSource source, const mail::MimePlan* plan);

  /// The next octets to send, valid until the next call; the last ones contain the final dot. Empty behind
  /// them. Throws std::exception if the message can't be read.
  [[nodiscard]] std::optional<std::string_view> Next();
  /// Next has returned the last block.
  [[nodiscard]] bool AtEnd() const noexcept { return finished_; }

 private:
  void Take(std::string_view block);
  void Finish();

  MessageSource source_;
  std::unique_ptr<mail::MimeConverter> converter_;  // null: nothing to convert
  smtp::TextEncoder encoder_;
  std::string converted_;
  std::string text_;
  bool finished_ = false;
};

}  // namespace relay
