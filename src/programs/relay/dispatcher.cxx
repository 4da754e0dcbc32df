// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/dispatcher.hxx"

#include "base/text.hxx"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace relay {

namespace {

// What the dialog puts on a line as it is must not hold a line end of its own.
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
  job->Open();
  config::RelayUrl::Error error;
  auto url = config::RelayUrl::Parse(job->request.destination, &error);
  if (!url) return job->AnswerAll(mail::Deferred("4.3.5", "Not a relay: " + error.text));
  if (!IsHelo(job->request.helo))
    return job->AnswerAll(
        mail::Deferred("4.3.5", "No name to greet a server with: " + Quote(job->request.helo)));
  if (!FillInSize(*job))
    return job->AnswerAll(mail::Deferred("4.3.0", "The message is missing from the request"));
  Pool& pool =
      FindPool({.url = std::move(*url), .helo = job->request.helo, .source_addresses = {}, .tls = {}});
  pool.Add(std::move(job));
}

Pool& Dispatcher::FindPool(Identity identity) {
  auto key = identity.Key();
  const auto found = pools_.find(key);
  if (found != pools_.end()) return *found->second;
  std::erase_if(pools_, [](const auto& entry) { return entry.second->IsIdle(); });
  auto pool = std::make_shared<Pool>(executor_, std::move(identity), parameters_, network_, holds_);
  return *pools_.emplace(std::move(key), std::move(pool)).first->second;
}

bool Dispatcher::IsStopped() const noexcept {
  return std::ranges::none_of(pools_, [](const auto& entry) { return entry.second->IsServing(); });
}

void Dispatcher::Stop() {
  for (const auto& [key, pool] : pools_) pool->Stop();
}

}  // namespace relay
