// SPDX-License-Identifier: BSD-2-Clause
#include "queue/trace.hxx"

#include "base/text.hxx"
#include "mail/address_token.hxx"

#include <algorithm>

namespace queue {

Trace::Trace(const mail::HeaderReader& header) {
  for (const auto& field : header.Fields()) {
    if (field.Is("Received")) ++received_;
    if (field.Is("TLS-Required")) tls_optional_ |= EqualsIgnoreCase(Trim(field.Body()), "No");
    if (field.Is("Delivered-To")) delivered_to_.emplace_back(Trim(field.Body()));
  }
}

std::optional<mail::DeliveryResult> Trace::FindLoop() const {
  if (received_ <= kMaxReceived) return std::nullopt;
  return mail::Failed("5.4.6",
                      "mail loop: the message has passed through " + std::to_string(received_) + " servers");
}

std::optional<mail::DeliveryResult> Trace::FindLoop(const route::End& end,
                                                    const std::string& hostname) const {
  if (delivered_to_.empty() || std::holds_alternative<mail::DeliveryResult>(end.where)) return std::nullopt;
  auto passed = end.lineage->delivered_to;
  if (!end.user.empty()) passed.push_back(mail::ToLocalPart(end.user) + "@" + hostname);
  for (const auto& address : passed)
    if (HasBeenAt(address))
      return mail::Failed("5.4.6", "mail loop: the message has been delivered to " + address + " twice");
  return std::nullopt;
}

bool Trace::HasBeenAt(const std::string& address) const noexcept {
  return std::ranges::count_if(delivered_to_,
                               [&](const auto& name) { return EqualsIgnoreCase(name, address); }) >= kRounds;
}

}  // namespace queue
