// SPDX-License-Identifier: BSD-2-Clause
#include "route/refusal.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <iterator>
#include <string>

namespace route {

namespace {

// Cuts the first word off, up to a blank or, as in "5.1.1:gone", a colon.
std::string_view TakeWord(std::string_view& text) noexcept {
  const auto end = std::min(text.find_first_of(" \t:"), text.size());
  const auto word = text.substr(0, end);
  text = Trim(text.substr(std::min(end + 1, text.size())));
  return word;
}

// The words of sendmail(8) for exit statuses of its mailer "error".
struct Name {
  std::string_view word;
  const char* status;
};
constexpr Name kNames[] = {
    {"nouser", "5.1.1"}, {"nohost", "5.1.2"},   {"unavailable", "5.3.0"}, {"usage", "5.5.4"},
    {"config", "5.3.5"}, {"protocol", "5.5.0"}, {"tempfail", "4.3.0"},
};

bool IsReplyCode(std::string_view word) noexcept {
  return word.size() == 3 && (word[0] == '4' || word[0] == '5') && ParseNumber<unsigned>(word);
}

}  // namespace

mail::DeliveryResult ParseRefusal(std::string_view text) {
  std::string status = "5.1.1";
  std::string_view rest = Trim(text);
  auto after = rest;
  auto word = TakeWord(after);
  if (IsReplyCode(word)) {
    status[0] = word[0];
    rest = after;
    word = TakeWord(after);
  }
  if (mail::IsEnhancedStatus(word) && word[0] != '2') {
    status = word;
    rest = after;
  }
  const auto* const name = std::ranges::find(kNames, ToLower(word), &Name::word);
  if (name != std::end(kNames) && word.data() == Trim(text).data() && !after.empty()) {
    status = name->status;
    rest = after;
  }
  const std::string reason(rest.empty() ? "mail to this address is not taken" : rest);
  return status[0] == '4' ? mail::Deferred(status, reason) : mail::Failed(status, reason);
}

}  // namespace route
