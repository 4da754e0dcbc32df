// SPDX-License-Identifier: BSD-2-Clause
#include "dns/resolver.hxx"

#include "dns/name.hxx"
#include "dns/records.hxx"
#include "dns/system_files.hxx"

#include <asio/use_awaitable.hpp>

#include <stdexcept>
#include <utility>

namespace dns {

namespace {

using asio::ip::address;

constexpr const char* kUnreachable = "no name server answers";

struct Lookup {
  HostAddresses known;                  // with Status::Records where the files have answered
  std::unique_ptr<Question> four, six;  // otherwise
};

// An entry in hosts(5) is trusted like a signed answer.
HostAddresses FromFiles(const std::string& host, const std::string& hosts_file) {
  HostAddresses found;
  found.addresses = FindInHosts(hosts_file, host);
  if (found.addresses.empty() && IsLocalhost(host))
    found.addresses = {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  found.status = found.addresses.empty() ? Status::NoName : Status::Records;
  found.secure = true;
  return found;
}

void Add(HostAddresses& host, const Answer& answer) {
  if (host.canonical.empty()) host.canonical = answer.canonical;
  host.secure = host.secure && answer.secure;
  for (const auto& record : answer.records) {
    const auto address = ParseAddress(record);
    if (address && host.addresses.size() < Resolver::kMaxAddresses) host.addresses.push_back(*address);
  }
}

// Addresses of one family are enough. Without any, an answer that may improve later outweighs a final one.
HostAddresses Join(const Answer& four, const Answer& six) {
  HostAddresses host{Status::Records, true, {}, {}, {}};
  for (const auto* answer : {&six, &four})
    if (answer->Has()) Add(host, *answer);
  if (!host.addresses.empty()) return host;
  host.secure = four.secure && six.secure;
  for (const auto status : {Status::Failed, Status::Bogus, Status::NoName, Status::NoData}) {
    const auto& answer = four.status == status ? four : six;
    if (answer.status != status) continue;
    host.status = status;
    host.why = answer.why;
    return host;
  }
  host.status = Status::Failed;
  host.why = "its address records are malformed";
  return host;
}

}  // namespace

Resolver::Resolver(asio::any_io_executor executor, SystemFiles files, Report report)
    : executor_(std::move(executor)), files_(std::move(files)), report_(std::move(report)) {}

asio::awaitable<Answer> Resolver::Ask(std::string name, Type type) {
  const auto context = co_await Validating();
  if (!context) co_return Unanswered(kUnreachable);
  const auto question = context->Ask(name, type);
  co_return co_await question->Get();
}

asio::awaitable<std::vector<HostAddresses>> Resolver::FindAddresses(std::vector<std::string> hosts,
                                                                    Trust trust) {
  const auto hosts_file = TextOfFile(files_.hosts);
  std::vector<Lookup> lookups;
  std::shared_ptr<Context> context;
  for (const auto& host : hosts) {
    auto& lookup = lookups.emplace_back(Lookup{FromFiles(host, hosts_file), {}, {}});
    if (lookup.known.status == Status::Records) continue;
    if (!context && trust == Trust::Any) context = Plain();
    if (!context) context = co_await Validating();
    if (!context) {
      lookup.known = {Status::Failed, false, {}, {}, kUnreachable};
      continue;
    }
    lookup.four = context->Ask(host, Type::A);
    lookup.six = context->Ask(host, Type::Aaaa);
  }
  std::vector<HostAddresses> found;
  for (auto& lookup : lookups) {
    if (!lookup.four) {
      found.push_back(std::move(lookup.known));
      continue;
    }
    const auto four = co_await lookup.four->Get();
    const auto six = co_await lookup.six->Get();
    found.push_back(Join(four, six));
  }
  co_return found;
}

asio::awaitable<HostAddresses> Resolver::FindHost(std::string host) {
  auto names = IsInFiles(host) ? std::vector<std::string>{host}
                               : ParseSearch(TextOfFile(files_.resolv_conf), NameOfMachine()).NamesFor(host);
  HostAddresses first;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<std::string> name{names[i]};
    auto found = (co_await FindAddresses(std::move(name), Trust::Any)).front();
    const bool is_final = found.status == Status::Records || found.status == Status::Failed;
    if (is_final) co_return found;
    if (i == 0) first = std::move(found);
  }
  co_return first;
}

bool Resolver::IsInFiles(const std::string& host) const {
  return !FindInHosts(TextOfFile(files_.hosts), host).empty();
}

// Questions under way keep the contexts that they were put to.
void Resolver::Refresh() {
  const auto fingerprint = FingerprintOf(files_.resolv_conf) + " " + FingerprintOf(files_.anchor);
  if (fingerprint == fingerprint_) return;
  fingerprint_ = fingerprint;
  plain_.reset();
  validating_.reset();
  signatures_ = Signatures::Unknown;
  reported_ = false;
}

std::shared_ptr<Context> Resolver::Make(bool validate) {
  Context::Setup setup{ParseResolvConf(TextOfFile(files_.resolv_conf)), files_.port, files_.limit, {}};
  if (validate) setup.anchor = files_.anchor;
  return std::make_shared<Context>(executor_, setup);
}

std::shared_ptr<Context> Resolver::Plain() {
  Refresh();
  if (!plain_) plain_ = Make(false);
  return plain_;
}

asio::awaitable<std::shared_ptr<Context>> Resolver::Validating() {
  Refresh();
  const bool again = signatures_ == Signatures::Stripped && Clock::now() >= probe_at_;
  if (signatures_ == Signatures::Unknown || again) co_await Probe();
  if (signatures_ == Signatures::Stripped) co_return Plain();
  if (signatures_ == Signatures::Pass) co_return validating_;
  co_return nullptr;
}

// If no name server can be reached, nothing is concluded, and the next question tries again.
asio::awaitable<void> Resolver::Probe() {
  try {
    if (FingerprintOf(files_.anchor).empty())
      throw std::runtime_error("there are no keys in " + files_.anchor + ": install dns-root-data");
    if (!validating_) validating_ = Make(true);
  } catch (const std::runtime_error& error) {
    GiveUpValidation(error.what());
    co_return;
  }
  const auto validating = validating_;
  const auto signed_root = co_await validating->Ask("", Type::Soa)->Get();
  if (validating != validating_) co_return;  // other servers now: who asks them will probe them
  if (signed_root.secure) {
    signatures_ = Signatures::Pass;
    reported_ = false;
  } else if (signed_root.status != Status::Failed) {
    GiveUpValidation("signatures do not come through the name servers of " + files_.resolv_conf);
  } else {
    const auto root = co_await Plain()->Ask("", Type::Soa)->Get();
    if (validating != validating_) co_return;
    if (root.status == Status::Failed)
      validating_.reset();
    else
      GiveUpValidation("the name servers of " + files_.resolv_conf + " can't answer questions with DNSSEC");
  }
}

void Resolver::GiveUpValidation(const std::string& why) {
  signatures_ = Signatures::Stripped;
  probe_at_ = Clock::now() + kProbeAgain;
  validating_.reset();  // with what it has cached
  if (std::exchange(reported_, true)) return;
  report_("DNSSEC is not available, so DANE is not used: " + why);
}

}  // namespace dns
