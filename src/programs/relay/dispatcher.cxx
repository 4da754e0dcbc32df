// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/dispatcher.hxx"

#include "base/text.hxx"
#include "programs/relay/fault.hxx"
#include "programs/relay/probe.hxx"
#include "service/journal.hxx"

#include <asio/co_spawn.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace relay {

namespace {

// These texts are sent as part of a command line: a line end in them would be a command of its own.
bool IsHelo(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 255 && text.find_first_of(" \t\r\n") == text.npos &&
         text.find('\0') == text.npos;
}

// False if the request came without a message that can be read.
bool FillInSize(Job& job) {
  struct stat status;
  if (!job.message || ::fstat(job.message.Get(), &status) < 0 || !S_ISREG(status.st_mode)) return false;
  job.message_size = static_cast<std::uint64_t>(status.st_size);
  return true;
}

}  // namespace

void Dispatcher::Add(std::unique_ptr<Job> job) {
  if (stopped_) return;
  job->Open();
  auto options = config::ParseRelayOptions(job->request.options);
  if (!options || job->request.relays.empty())
    return job->AnswerAll(mail::Deferred("4.3.5", "The request's relays or options are not understood"));
  job->options = std::move(*options);
  if (const auto fault = OpenChoice(*job)) return job->AnswerAll(*fault);
  if (!IsHelo(job->request.helo))
    return job->AnswerAll(
        mail::Deferred("4.3.5", "No name to greet a server with: " + Quote(job->request.helo)));
  if (job->request.probe) return asio::co_spawn(executor_, RunProbe(std::move(job)), RethrowFault);
  if (!FillInSize(*job))
    return job->AnswerAll(mail::Deferred("4.3.0", "The message is missing from the request"));
  GiveToNext(std::move(job));
}

// For a user's relays, nothing of the request is believed: the sealed choice decides. A probe is always about
// the machine's relays.
std::optional<mail::DeliveryResult> Dispatcher::OpenChoice(Job& job) {
  const auto& request = job.request;
  if (request.owner.empty() || request.probe) return std::nullopt;
  try {
    auto word = network_.choices.Open(request.owner, job.sealed, network_.named.Settings(),
                                      courier::SecondsSinceBoot());
    if (auto* const fault = std::get_if<mail::DeliveryResult>(&word)) return std::move(*fault);
    job.choice = std::get<0>(std::move(word));
    job.options = job.choice->options;
    job.sealed.Close();
    return std::nullopt;
  } catch (const std::exception& error) {
    return mail::Deferred("4.3.0", error.what());
  }
}

asio::awaitable<void> Dispatcher::RunProbe(std::unique_ptr<Job> job) {
  std::vector<mail::RelayReport> reports;
  try {
    reports = co_await Probe(*job, network_);
  } catch (const std::exception& fault) {
    service::Log(LOG_ERR, std::string("Failed to test a relay: ") + fault.what());
  }
  if (const auto listener = job->requester.lock())
    listener->OnReports(job->request.serial, std::move(reports));
}

void Dispatcher::GiveToNext(std::unique_ptr<Job> job) {
  while (job->HasNextRelay()) {
    mail::DeliveryResult fault;
    auto identity = NextIdentity(*job, fault);
    if (identity && IsCrowded(*identity)) {
      fault =
          mail::Deferred("4.3.2", "There are too many different relays of " + identity->owner + " in use");
      identity.reset();
    }
    if (identity) {
      const auto pool = FindPool(std::move(*identity), MakeParameters(job->options));
      return pool->Add(std::move(job));
    }
    job->refusals.push_back(std::move(fault));
  }
  job->AnswerRefused();
}

std::optional<mail::DeliveryResult> Dispatcher::FindFault(const Job& job, const std::string& url) {
  if (!job.choice) return network_.named.FindFault(url, job.options);
  if (std::ranges::count(job.choice->relays, url) > 0) return std::nullopt;
  return mail::Deferred("4.3.5", job.request.owner + " has not chosen the relay " + Quote(url));
}

std::optional<Identity> Dispatcher::NextIdentity(Job& job, mail::DeliveryResult& fault) {
  const auto& request = job.request;
  // A report goes even where nobody promises anything, rather than nowhere (RFC 8689 section 5).
  const bool is_report = request.envelope.sender.empty() && request.envelope.tls == mail::TlsDemand::Required;
  const auto demand = is_report ? mail::TlsDemand::None : request.envelope.tls;
  const auto& url = request.relays[job.next_relay++];
  try {
    auto why = FindFault(job, url);
    if (why) return fault = std::move(*why), std::nullopt;
    auto identity = MakeIdentity(url, job.options, request.helo, demand, fault);
    if (!identity || !job.choice) return identity;
    why = SetOwner(*identity, request.owner, job.choice->text);
    if (!why) return identity;
    fault = std::move(*why);
  } catch (const std::exception& error) {
    fault = mail::Deferred("4.3.0", error.what());
  }
  return std::nullopt;
}

// Whether one more relay would be more than the share of its owner.
bool Dispatcher::IsCrowded(const Identity& identity) const {
  if (identity.owner.empty() || pools_.contains(identity.Key())) return false;
  const auto is_same = [&](const auto& entry) { return entry.second->Owner() == identity.owner; };
  return static_cast<std::size_t>(std::ranges::count_if(pools_, is_same)) >= kMaxPoolsOfOwner;
}

std::shared_ptr<Pool> Dispatcher::FindPool(Identity identity, const Parameters& parameters) {
  auto key = identity.Key();
  const auto found = pools_.find(key);
  if (found != pools_.end()) {
    found->second->SetParameters(parameters);
    return found->second;
  }
  std::erase_if(pools_, [&](const auto& entry) {
    return entry.second->IsIdle() || entry.second->IsReplacedBy(identity);
  });
  const auto refuse = [this](std::unique_ptr<Job> job, const mail::DeliveryResult& why) {
    job->refusals.push_back(why);
    if (!stopped_) GiveToNext(std::move(job));
  };
  auto pool = std::make_shared<Pool>(executor_, std::move(identity), parameters, network_, holds_, refuse);
  return pools_.emplace(std::move(key), std::move(pool)).first->second;
}

bool Dispatcher::IsStopped() const noexcept {
  return std::ranges::none_of(pools_, [](const auto& entry) { return entry.second->IsServing(); });
}

void Dispatcher::Stop() {
  stopped_ = true;
  for (const auto& [key, pool] : pools_) pool->Stop();
}

}  // namespace relay
