// SPDX-License-Identifier: BSD-2-Clause
#include "mx/dane.hxx"

#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace mx {

namespace {

using Kind = DaneVerdict::Kind;

constexpr std::size_t kMaxRecords = 64;  // that are looked at

DaneVerdict Broken(const std::string& what, const std::string& why) {
  return {Kind::Broken,
          {},
          {},
          "Failed to look up " + what + ", which says what certificate the server has: " + why};
}

bool IsLost(const dns::Answer& answer) noexcept {
  return answer.status == dns::Status::Failed || answer.status == dns::Status::Bogus;
}

DaneVerdict Judge(const std::string& base, const dns::Answer& answer) {
  DaneVerdict verdict{Kind::Unusable, base, {}, {}};
  for (const auto& rdata : answer.records) {
    auto record = dns::ParseTlsa(rdata);
    if (record && IsUsable(*record) && verdict.records.size() < kMaxRecords)
      verdict.records.push_back(std::move(*record));
  }
  if (!verdict.records.empty()) verdict.kind = Kind::Usable;
  return verdict;
}

// The names that TLSA records of a host may stand at (RFC 7672 section 2.2.2): where its aliases end, if all
// the way there is signed, then its own. @p lost is what could not be found out.
asio::awaitable<std::vector<std::string>> FindBases(dns::Resolver& resolver, dns::MailHost host,
                                                    std::optional<dns::Answer>& lost) {
  std::vector<std::string> bases;
  if (host.found.secure) {
    if (!host.found.canonical.empty()) bases.push_back(host.found.canonical);
    bases.push_back(host.name);
  } else if (!host.found.canonical.empty()) {
    auto alias = co_await resolver.Ask(host.name, dns::Type::Cname);
    if (alias.secure && alias.Has()) bases.push_back(host.name);
    if (IsLost(alias)) lost = std::move(alias);
  }
  co_return bases;
}

}  // namespace

bool IsUsable(const dns::TlsaRecord& record) noexcept {
  const bool usage = record.usage == 2 || record.usage == 3;
  const bool selector = record.selector <= 1;
  switch (record.matching) {
    case 0:
      return usage && selector && !record.data.empty();
    case 1:
      return usage && selector && record.data.size() == 32;
    case 2:
      return usage && selector && record.data.size() == 64;
    default:
      return false;
  }
}

asio::awaitable<DaneVerdict> FindDane(dns::Resolver& resolver, dns::MailHost host, bool named_securely,
                                      std::uint16_t port) {
  if (!named_securely) co_return DaneVerdict();
  std::optional<dns::Answer> lost;
  const auto bases = co_await FindBases(resolver, host, lost);
  if (lost) co_return Broken(host.name, lost->why);
  for (const auto& base : bases) {
    const auto name = "_" + std::to_string(port) + "._tcp." + base;
    const auto answer = co_await resolver.Ask(name, dns::Type::Tlsa);
    if (IsLost(answer)) co_return Broken(name, answer.why);
    if (answer.secure && answer.Has()) co_return Judge(base, answer);
  }
  co_return DaneVerdict();
}

}  // namespace mx
