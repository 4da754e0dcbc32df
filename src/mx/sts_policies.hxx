// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/resolver.hxx"
#include "mx/sts_fetcher.hxx"
#include "mx/sts_policy.hxx"
#include "mx/sts_store.hxx"
#include "mx/tls_report.hxx"

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mx {

/// How long a web server may take. RFC 8461 section 3.3 suggests a minute; a message waits for it, and what
/// is not known by then is asked for again later.
constexpr std::chrono::seconds kStsFetchLimit{10};

/// A domain's policy, as far as it is known.
struct StsFound {
  std::optional<StsPolicy> policy;  ///< in force; empty if there is none, or none that could be had
  std::optional<TlsResult> fault;   ///< why a newer one could not be had
  bool unknown = false;             ///< none is in force, but there may be one that could not be had
};

/// Knows the MTA-STS policies of domains (RFC 8461): those that have been kept, and new ones from the
/// domains' web servers. Finding one out takes no longer than two questions to DNS and kStsFetchLimit; then
/// what is known already counts.
class StsPolicies {
 public:
  using Report = std::function<void(const std::string& text)>;

  static constexpr std::chrono::minutes kFetchAgain{5};  ///< after a failure (RFC 8461 section 3.3)
  static constexpr std::size_t kMaxFailures = 1000;      ///< that are remembered

  /// @param resolver outlives this, and so does @p fetcher
  /// @param directory as StsStore has it
  /// @param report called for policies that can't be had or kept, with a text for the administrator
  StsPolicies(dns::Resolver& resolver, StsFetcher& fetcher, std::string directory, Report report);

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
  StsFetcher& fetcher_;
  StsStore store_;
  Report report_;
  std::map<std::string, Clock::time_point> failures_;  // when to try again
  bool swept_ = false;                                 // what had expired is removed
};

}  // namespace mx
