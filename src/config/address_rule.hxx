// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/address.hxx"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// The rule that the null sender fulfils.
constexpr std::string_view kNullSenderRule = "<>";

/// A rule for addresses in one spelling, in lower case: `user@domain`, `domain` (also written `@domain`),
/// `.domain` for all domains below it, `<>` for the null sender. Empty for anything else.
[[nodiscard]] std::optional<std::string> NormaliseAddressRule(std::string_view text);

constexpr std::size_t kMaxAddressRules = 20;  ///< of one address; domains further up are not looked at

/// The rules that an address fulfils, the most specific one first.
[[nodiscard]] std::vector<std::string> RulesFor(const mail::Address& address);
/// The same of a sender with a domain; empty: the null sender.
[[nodiscard]] std::vector<std::string> RulesForSender(const std::string& sender);

}  // namespace config
