// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/message_text.hxx"

#include <utility>

namespace relay {

MessageText::MessageText(MessageSource source, const mail::MimePlan* plan)
    : source_(std::move(source)), converter_(plan ? std::make_unique<mail::MimeConverter>(*plan) : nullptr) {}

std::optional<std::string_view> MessageText::Next() {
  if (finished_) return std::nullopt;
  text_.clear();
  while (text_.empty() && !finished_) {
    if (const auto block = source_.Next()) Take(*block);
    if (source_.AtEnd()) Finish();
  }
  return text_;
}

void MessageText::Take(std::string_view block) {
  if (!converter_) return encoder_.Add(block, text_);
  converted_.clear();
  converter_->Add(block, converted_);
  encoder_.Add(converted_, text_);
}

void MessageText::Finish() {
  if (converter_) {
    converted_.clear();
    converter_->Finish(converted_);
    encoder_.Add(converted_, text_);
  }
  encoder_.Finish(text_);
  finished_ = true;
}

}  // namespace relay
