// SPDX-License-Identifier: BSD-2-Clause
#include "config/address_rule.hxx"

#include "base/text.hxx"
#include "config/domain_name.hxx"

namespace config {

std::optional<std::string> NormaliseAddressRule(std::string_view text) {
  if (text == kNullSenderRule) return std::string(text);
  if (text.find('@', 1) != text.npos) {
    const auto address = mail::Address::Parse(text);
    if (!address || address->domain.empty()) return std::nullopt;
    return ToLower(text);
  }
  if (text.starts_with('@')) text.remove_prefix(1);
  const auto domain = text.starts_with('.') ? text.substr(1) : text;
  if (!IsMailDomain(domain)) return std::nullopt;
  return ToLower(text);
}

std::vector<std::string> RulesFor(const mail::Address& address) {
  const auto domain = ToLower(address.domain);
  std::vector<std::string> rules = {ToLower(address.local) + "@" + domain, domain};
  for (auto dot = domain.find('.'); dot != domain.npos && rules.size() < kMaxAddressRules;
       dot = domain.find('.', dot + 1))
    rules.push_back(domain.substr(dot));
  return rules;
}

std::vector<std::string> RulesForSender(const std::string& sender) {
  const auto address = mail::Address::Parse(sender);
  return address ? RulesFor(*address) : std::vector<std::string>{std::string(kNullSenderRule)};
}

}  // namespace config
