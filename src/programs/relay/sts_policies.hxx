// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/resolver.hxx"
#include "programs/relay/sts_fetch.hxx"
#include "programs/relay/sts_store.hxx"
#include "programs/relay/tls_report.hxx"
#include "smtp/sts_policy.hxx"

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace relay {

/// A domain's policy, as far as it is known.
struct StsFound {
  std::optional<smtp::StsPolicy> policy;  ///< in force; empty if there is none, or none that could be had
  std::optional<TlsResult> fault;         ///< why a newer one could not be had
  bool unknown = false;                   ///< none is in force, but there may be one that could not be had
};

/// Knows the MTA-STS policies of domains (RFC 8461): those that have been kept, and new ones from the
/// domains' web servers. Finding one out takes no longer than two questions to DNS and kStsFetchLimit; then
/// what is known already counts.
class StsPolicies {
 public:
  /// Gives the policy of a domain, from the addresses of its web server: as StsFetcher::Fetch.
  using Fetch = std::function<asio::awaitable<StsFetched>(
      std::string domain, std::vector<asio::ip::address> addresses, std::chrono::milliseconds limit)>;
  using Report = std::function<void(const std::string& text)>;

  static constexpr std::chrono::minutes kFetchAgain{5};  ///< after a failure (RFC 8461 section 3.3)
  static constexpr std::size_t kMaxFailures = 1000;      ///< that are remembered

  /// @param resolver outlives this
  /// @param directory as StsStore has it
  /// @param report called for policies that can't be had or kept, with a text for the administrator
  /// @param fetch empty: a StsFetcher
  StsPolicies(dns::Resolver& resolver, std::string directory, Report report, Fetch fetch = {});

  /// @param domain in the form of dns::ToAscii
  [[nodiscard]] asio::awaitable<StsFound> Find(std::string domain);

 private:
  using Clock = std::chrono::steady_clock;

  asio::awaitable<std::optional<std::string>> FindId(std::string domain, bool& unknown);
  asio::awaitable<StsFetched> FetchPolicy(std::string domain);
  bool MayFetch(const std::string& domain);
  void Keep(const std::string& domain, StsEntry entry);
  TlsResult OnFailure(const std::string& domain, const StsFetched& fetched, const std::string& why);

  dns::Resolver& resolver_;
  StsStore store_;
  Report report_;
  Fetch fetch_;
  std::map<std::string, Clock::time_point> failures_;  // when to try again
  StsFetcher fetcher_;
  bool swept_ = false;  // what had expired is removed
};

}  // namespace relay
