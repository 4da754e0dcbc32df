// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/preparation.hxx"

#include "mail/text_survey.hxx"

#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace relay {

namespace {

// Passes all blocks of a message to a consumer, and lets other handlers run in between.
template <typename Take>
asio::awaitable<void> Pass(MessageSource source, Take take) {
  std::uint64_t since = 0;
  while (const auto block = source.Next()) {
    take(*block);
    since += block->size();
    if (since < Preparation::kTurn) continue;
    since = 0;
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  }
}

}  // namespace

asio::awaitable<void> Preparation::Run(const smtp::Extensions& extensions) {
  mail::TextSurvey survey;
  co_await Pass(Source(), [&](std::string_view block) { survey.Add(block); });
  survey.Finish();
  message_.size = survey.Size();
  const bool seven_bit = !extensions.eight_bit_mime;
  message_.eight_bit = survey.HasEightBit() && !seven_bit;
  // BINARYMIME is not used: the next server on the way may not have it, and would have to convert or refuse.
  if (survey.HasLongLine() || survey.HasBareControl() || (survey.HasEightBit() && seven_bit))
    co_await Plan(seven_bit);
}

asio::awaitable<void> Preparation::Plan(bool seven_bit) {
  plan_ = std::make_unique<mail::MimePlan>(seven_bit);
  co_await Pass(Source(), [&](std::string_view block) { plan_->Add(block); });
  plan_->Finish();
}

MessageSource Preparation::Source() const {
  return {job_.message, job_.message_size, job_.request.head};
}

}  // namespace relay
