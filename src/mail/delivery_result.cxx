// SPDX-License-Identifier: BSD-2-Clause
#include "mail/delivery_result.hxx"

#include <algorithm>

namespace mail {

namespace {

bool IsStatusNumber(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 3 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view ToString(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::Delivered:
      return "delivered";
    case Outcome::Failed:
      return "failed";
    case Outcome::Deferred:
      break;
  }
  return "deferred";
}

std::optional<Outcome> ParseOutcome(std::string_view text) noexcept {
  for (const auto outcome : {Outcome::Delivered, Outcome::Deferred, Outcome::Failed})
    if (text == ToString(outcome)) return outcome;
  return std::nullopt;
}

DeliveryResult Delivered(std::string status, std::string text) {
  return {Outcome::Delivered, std::move(status), std::move(text), {}};
}

DeliveryResult Deferred(std::string status, std::string text) {
  return {Outcome::Deferred, std::move(status), std::move(text), {}};
}

DeliveryResult Failed(std::string status, std::string text) {
  return {Outcome::Failed, std::move(status), std::move(text), {}};
}

bool IsEnhancedStatus(std::string_view text) noexcept {
  if (text.size() < 5 || text[1] != '.' || (text[0] != '2' && text[0] != '4' && text[0] != '5')) return false;
  const auto dot = text.find('.', 2);
  return dot != text.npos && IsStatusNumber(text.substr(2, dot - 2)) && IsStatusNumber(text.substr(dot + 1));
}

}  // namespace mail
