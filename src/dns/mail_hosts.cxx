// SPDX-License-Identifier: BSD-2-Clause
#include "dns/mail_hosts.hxx"

#include "base/text.hxx"
#include "dns/name.hxx"

#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace dns {

namespace {

constexpr const char* kLookupFailed = "4.4.3";  // RFC 3463 section 3.5: directory server failure
constexpr const char* kNoSuchDomain = "5.1.2";  // bad destination system address
constexpr const char* kNullMx = "5.1.10";       // RFC 7505 section 5
constexpr const char* kNoRoute = "5.4.4";       // unable to route
constexpr const char* kLoop = "5.4.6";          // routing loop detected

MailHosts Fault(mail::DeliveryResult result) {
  return {{}, false, std::move(result)};
}

bool IsHostName(const std::string& name) {
  asio::error_code error;
  asio::ip::make_address(name, error);
  return error && ToAscii(name);
}

std::vector<MxRecord> ParseAll(const Answer& answer) {
  std::vector<MxRecord> records;
  for (const auto& rdata : answer.records) {
    auto record = ParseMx(rdata);
    if (record && records.size() < kMaxMxRecords) records.push_back(std::move(*record));
  }
  return records;
}

MailHosts ExplainNone(const std::string& domain, const std::vector<MailHost>& hosts) {
  const auto unsettled = std::ranges::find_if(hosts, [](const MailHost& host) {
    return host.found.status == Status::Failed || host.found.status == Status::Bogus;
  });
  if (unsettled != hosts.end())
    return Fault(mail::Deferred(kLookupFailed, "Failed to look up " + unsettled->name +
                                                   ", which takes the mail for " + domain + ": " +
                                                   unsettled->found.why));
  return Fault(mail::Failed(kNoRoute, "None of the hosts that take the mail for " + domain + " exists: " +
                                          (hosts.empty() ? "no name of one is valid" : hosts[0].name)));
}

MailHosts Finish(const std::string& domain, std::vector<MailHost> hosts, bool secure,
                 const OwnAddresses& own) {
  const bool dropped = DropOwn(hosts, own);
  const auto all = hosts;
  std::erase_if(hosts, [](const MailHost& host) { return host.found.addresses.empty(); });
  if (!hosts.empty()) return {std::move(hosts), secure, std::nullopt};
  if (!dropped || std::ranges::any_of(all, [](const MailHost& host) {
        return host.found.status == Status::Failed || host.found.status == Status::Bogus;
      }))
    return ExplainNone(domain, all);
  return Fault(mail::Failed(kLoop, "The mail for " + domain +
                                       " is to be taken by this host, which does not: " +
                                       "add the domain to LocalDomains=, or correct its MX records"));
}

// The domain itself (RFC 5321 section 5.1: an implicit MX).
asio::awaitable<MailHosts> FindImplicit(Resolver& resolver, std::string domain, bool secure,
                                        OwnAddresses own) {
  std::vector<std::string> names{domain};
  auto found = (co_await resolver.FindAddresses(std::move(names), Trust::Validated)).front();
  switch (found.status) {
    case Status::Records: {
      std::vector<MailHost> hosts;
      hosts.push_back({domain, 0, std::move(found)});
      co_return Finish(domain, std::move(hosts), secure, own);
    }
    case Status::NoName:
      co_return Fault(mail::Failed(kNoSuchDomain, "The domain " + domain + " does not exist"));
    case Status::NoData:
      co_return Fault(
          mail::Failed(kNoRoute, "The domain " + domain + " has neither an MX record nor an address"));
    case Status::Bogus:
    case Status::Failed:
      break;
  }
  co_return Fault(mail::Deferred(kLookupFailed, "Failed to look up " + domain + ": " + found.why));
}

asio::awaitable<std::vector<MailHost>> FindAll(Resolver& resolver, std::vector<MxRecord> records) {
  std::vector<std::string> names;
  names.reserve(records.size());
  for (const auto& record : records) names.push_back(record.host);
  auto found = co_await resolver.FindAddresses(std::move(names), Trust::Validated);
  std::vector<MailHost> hosts;
  for (std::size_t i = 0; i < records.size(); ++i)
    hosts.push_back({std::move(records[i].host), records[i].preference, std::move(found[i])});
  co_return hosts;
}

}  // namespace

asio::awaitable<MailHosts> FindMailHosts(Resolver& resolver, std::string domain, OwnAddresses own) {
  const auto answer = co_await resolver.Ask(domain, Type::Mx);
  // What the administrator has written down needs no signature: a private domain has none.
  if (answer.status == Status::Bogus && resolver.IsInFiles(domain))
    co_return co_await FindImplicit(resolver, domain, false, std::move(own));
  if (answer.status == Status::Failed || answer.status == Status::Bogus)
    co_return Fault(mail::Deferred(kLookupFailed,
                                   "Failed to look up who takes the mail for " + domain + ": " + answer.why));
  // A name that DNS does not have may stand in hosts(5).
  if (!answer.Has()) co_return co_await FindImplicit(resolver, domain, answer.secure, std::move(own));
  auto records = ParseAll(answer);
  if (IsNullMx(records))
    co_return Fault(mail::Failed(kNullMx, "The domain " + domain + " takes no mail (its MX record says so)"));
  std::mt19937 random(std::random_device{}());
  auto hosts = co_await FindAll(resolver, OrderMxRecords(std::move(records), random));
  co_return Finish(domain, std::move(hosts), answer.secure, own);
}

bool IsNullMx(const std::vector<MxRecord>& records) noexcept {
  return records.size() == 1 && records[0].host == ".";
}

std::vector<MxRecord> OrderMxRecords(std::vector<MxRecord> records, std::mt19937& random) {
  std::erase_if(records, [](const MxRecord& record) { return !IsHostName(record.host); });
  for (auto& record : records) record.host = ToLower(record.host);
  std::ranges::shuffle(records, random);
  std::ranges::stable_sort(records, {}, &MxRecord::preference);
  std::vector<MxRecord> ordered;
  for (auto& record : records) {
    if (ordered.size() >= kMaxMailHosts) break;
    if (std::ranges::find(ordered, record.host, &MxRecord::host) == ordered.end())
      ordered.push_back(std::move(record));
  }
  return ordered;
}

bool DropOwn(std::vector<MailHost>& hosts, const OwnAddresses& own) {
  const auto is_own = [&own](const MailHost& host) {
    return std::ranges::any_of(host.found.addresses,
                               [&own](const auto& address) { return own.Has(address); });
  };
  const auto first = std::ranges::find_if(hosts, is_own);
  if (first == hosts.end()) return false;
  const auto preference = first->preference;
  std::erase_if(hosts, [preference](const MailHost& host) { return host.preference >= preference; });
  return true;
}

}  // namespace dns
