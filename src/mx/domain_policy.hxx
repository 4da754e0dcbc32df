// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/mail_hosts.hxx"
#include "mail/delivery_result.hxx"
#include "mx/sts_policies.hxx"
#include "mx/tls_report.hxx"
#include "tls/policy.hxx"

#include <asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace mx {

/// Finds out what the mail hosts of one domain must prove: by DANE, else by MTA-STS, else nothing.
class DomainPolicy {
 public:
  /// What it asks, and where it counts what it finds out; all outlive it.
  struct Services {
    dns::Resolver& resolver;
    StsPolicies& sts;
    TlsReport& report;
  };

  /// @param named_securely the names of the domain's hosts have been validated
  DomainPolicy(const Services& services, std::string domain, bool named_securely, std::uint16_t port)
      : services_(services), domain_(std::move(domain)), named_securely_(named_securely), port_(port) {}

  /// @param policy for that host
  /// @return why the host can't get mail at all
  [[nodiscard]] asio::awaitable<std::optional<mail::DeliveryResult>> Find(const dns::MailHost& host,
                                                                          tls::Policy& policy);
  /// After Find: there may be an MTA-STS policy that could not be had.
  [[nodiscard]] bool IsUnknown() const noexcept { return sts_unknown_; }

 private:
  [[nodiscard]] asio::awaitable<std::optional<mail::DeliveryResult>> AskSts(const dns::MailHost& host,
                                                                            tls::Policy& policy);
  void Count(tls::PolicyType type, const std::string& host, TlsResult result) const;

  const Services services_;
  const std::string domain_;
  const bool named_securely_;
  const std::uint16_t port_;
  bool sts_known_ = false;
  bool sts_unknown_ = false;
  std::optional<StsPolicy> sts_;  // once it is known
};

}  // namespace mx
