// SPDX-License-Identifier: BSD-2-Clause
#include "mx/domain_policy.hxx"

#include "mx/dane.hxx"

#include <asio/use_awaitable.hpp>

#include <ctime>
#include <utility>

namespace mx {

namespace {

constexpr const char* kDane = "its TLSA records in DNS ask for";
constexpr const char* kSts = "the MTA-STS policy of its domain asks for";

tls::Policy MakePolicy(DaneVerdict verdict, const dns::MailHost& host, const std::string& domain) {
  tls::Policy policy;
  policy.host = policy.mx = host.name;
  if (verdict.kind == DaneVerdict::Kind::None) return policy;
  policy.reason = kDane;
  policy.type = tls::PolicyType::Tlsa;
  policy.level = tls::Policy::Level::Encrypted;
  if (verdict.kind != DaneVerdict::Kind::Usable) return policy;
  policy.level = tls::Policy::Level::Dane;
  policy.host = std::move(verdict.base);
  policy.names = {host.name, domain};
  policy.tlsa = std::move(verdict.records);
  return policy;
}

}  // namespace

asio::awaitable<std::optional<mail::DeliveryResult>> DomainPolicy::Find(const dns::MailHost& host,
                                                                        tls::Policy& policy) {
  auto verdict = co_await FindDane(services_.resolver, host, named_securely_, port_);
  if (verdict.kind == DaneVerdict::Kind::Broken) {
    Count(tls::PolicyType::Tlsa, host.name, TlsResult::DnssecInvalid);
    co_return mail::Deferred("4.7.5", verdict.why);
  }
  const bool dane = verdict.kind != DaneVerdict::Kind::None;
  policy = MakePolicy(std::move(verdict), host, domain_);
  if (dane) co_return std::nullopt;  // RFC 8461 section 2: MTA-STS does not override it
  co_return co_await AskSts(host, policy);
}

asio::awaitable<std::optional<mail::DeliveryResult>> DomainPolicy::AskSts(const dns::MailHost& host,
                                                                          tls::Policy& policy) {
  if (!std::exchange(sts_known_, true)) {
    auto found = co_await services_.sts.Find(domain_);
    if (found.fault) Count(tls::PolicyType::Sts, {}, *found.fault);
    sts_ = std::move(found.policy);
    sts_unknown_ = found.unknown;
  }
  if (!sts_ || sts_->mode != StsPolicy::Mode::Enforce) co_return std::nullopt;
  if (!sts_->Names(host.name)) {
    Count(tls::PolicyType::Sts, host.name, TlsResult::ValidationFailure);
    co_return mail::Deferred("4.7.5",
                             "The MTA-STS policy of " + domain_ + " does not name the host " + host.name);
  }
  policy.level = tls::Policy::Level::Verified;
  policy.reason = kSts;
  policy.type = tls::PolicyType::Sts;
  co_return std::nullopt;
}

void DomainPolicy::Count(tls::PolicyType type, const std::string& host, TlsResult result) const {
  services_.report.Count(domain_, type, host, result, std::time(nullptr));
}

}  // namespace mx
