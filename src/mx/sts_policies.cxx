// SPDX-License-Identifier: BSD-2-Clause
#include "mx/sts_policies.hxx"

#include "dns/records.hxx"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace mx {

namespace {

// A policy is fetched again after half of its max_age. An attacker who blocks the fetching then finds the old
// policy still in force.
bool IsFresh(const StsEntry& entry, const StsPolicy& policy, std::time_t now) noexcept {
  return now - entry.fetched < policy.max_age.count() / 2;
}

}  // namespace

StsPolicies::StsPolicies(dns::Resolver& resolver, StsFetcher& fetcher, std::string directory, Report report)
    : resolver_(resolver), fetcher_(fetcher), store_(std::move(directory)), report_(std::move(report)) {}

asio::awaitable<StsFound> StsPolicies::Find(std::string domain) {
  const auto now = std::time(nullptr);
  const auto entry = store_.Find(domain);
  StsFound found;
  if (entry) found.policy = entry->PolicyAt(now);
  bool unknown = false;
  const auto id = co_await FindId(domain, unknown);
  found.unknown = !found.policy && (unknown || (id && !MayFetch(domain)));
  if (!id || !MayFetch(domain)) co_return found;
  if (found.policy && entry->id == *id && IsFresh(*entry, *found.policy, now)) co_return found;
  auto fetched = co_await FetchPolicy(domain);
  std::string why = fetched.fault;
  std::optional<StsPolicy> policy;
  if (!fetched.text.empty()) policy = StsPolicy::Parse(fetched.text, why);
  if (policy) {
    failures_.erase(domain);
    Keep(domain, {*id, now, std::move(fetched.text)});
    found.policy = std::move(policy);
  } else {
    found.fault = OnFailure(domain, fetched, why);
    found.unknown = !found.policy;
  }
  co_return found;
}

TlsResult StsPolicies::OnFailure(const std::string& domain, const StsFetched& fetched,
                                 const std::string& why) {
  report_("The MTA-STS policy of " + domain + " can't be had, going on with what is known: " + why);
  if (failures_.size() >= kMaxFailures) failures_.clear();
  failures_[domain] = Clock::now() + kFetchAgain;
  if (fetched.certificate) return TlsResult::StsWebpkiInvalid;
  return fetched.text.empty() ? TlsResult::StsPolicyFetchError : TlsResult::StsPolicyInvalid;
}

asio::awaitable<std::optional<std::string>> StsPolicies::FindId(std::string domain, bool& unknown) {
  const auto answer = co_await resolver_.Ask("_mta-sts." + domain, dns::Type::Txt);
  unknown = answer.status == dns::Status::Failed || answer.status == dns::Status::Bogus;
  std::vector<std::string> texts;
  for (const auto& record : answer.records)
    if (auto text = dns::ParseTxt(record)) texts.push_back(std::move(*text));
  co_return FindStsId(texts);
}

// Names are looked up here and not by libcurl, which starts a thread for each. A thread whose name server
// does not answer would stay.
asio::awaitable<StsFetched> StsPolicies::FetchPolicy(std::string domain) {
  if (!std::exchange(swept_, true)) store_.RemoveExpired(std::time(nullptr));
  const auto begun = Clock::now();
  const std::vector<std::string> names{"mta-sts." + domain};  // g++ 12 takes no list within co_await
  const auto found = co_await resolver_.FindAddresses(names, dns::Trust::Any);
  if (found.front().addresses.empty())
    co_return StsFetched{
        {}, "its web server mta-sts." + domain + " has no address: " + found.front().why, false};
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  const auto limit = std::max<std::chrono::milliseconds>(kStsFetchLimit - took, std::chrono::seconds(1));
  co_return co_await fetcher_.Fetch(domain, found.front().addresses, limit);
}

bool StsPolicies::MayFetch(const std::string& domain) {
  const auto failure = failures_.find(domain);
  return failure == failures_.end() || Clock::now() >= failure->second;
}

void StsPolicies::Keep(const std::string& domain, StsEntry entry) {
  try {
    store_.Keep(domain, std::move(entry));
  } catch (const std::exception& error) {
    report_("The MTA-STS policy of " + domain + " is kept in memory only: " + error.what());
  }
}

}  // namespace mx
