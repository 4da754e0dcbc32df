// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/mx_policy.hxx"

#include "programs/relay/dane.hxx"

#include <asio/use_awaitable.hpp>

#include <utility>

namespace relay {

namespace {

constexpr const char* kReason = "its TLSA records in DNS ask for";

TlsPolicy MakePolicy(DaneVerdict verdict, const dns::MailHost& host, const std::string& domain) {
  TlsPolicy policy;
  policy.host = host.name;
  if (verdict.kind == DaneVerdict::Kind::None) return policy;
  policy.reason = kReason;
  policy.level = TlsPolicy::Level::Encrypted;
  if (verdict.kind != DaneVerdict::Kind::Usable) return policy;
  policy.level = TlsPolicy::Level::Dane;
  policy.host = std::move(verdict.base);
  policy.names = {host.name, domain};
  policy.tlsa = std::move(verdict.records);
  return policy;
}

}  // namespace

asio::awaitable<std::optional<mail::DeliveryResult>> MxPolicy::Find(const dns::MailHost& host,
                                                                    TlsPolicy& policy) {
  auto verdict = co_await FindDane(network_.resolver, host, named_securely_, port_);
  if (verdict.kind == DaneVerdict::Kind::Broken) co_return mail::Deferred("4.7.5", verdict.why);
  policy = MakePolicy(std::move(verdict), host, domain_);
  co_return std::nullopt;
}

}  // namespace relay
