// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/job.hxx"

#include <algorithm>
#include <numeric>
#include <utility>

namespace relay {

void Job::Open() {
  results.resize(request.envelope.recipients.size());
  open.resize(results.size());
  std::iota(open.begin(), open.end(), 0);
}

bool Job::IsWanted() const noexcept {
  const auto listener = requester.lock();
  return listener && listener->IsListening();
}

void Job::Record(smtp::DeliveryReport report, const std::string& remote) {
  for (std::size_t i = 0; i < open.size(); ++i) {
    results[open[i]] = std::move(report.results[i]);
    results[open[i]].remote = remote;
  }
  std::vector<std::size_t> left;
  left.reserve(report.untouched.size());
  for (const auto place : report.untouched) left.push_back(open[place]);
  open = std::move(left);
}

void Job::Answer() {
  Tell(false);
}

void Job::Tell(bool unreached) {
  if (const auto listener = requester.lock())
    listener->OnResults(request.serial, std::move(results), unreached);
}

void Job::AnswerAll(const mail::DeliveryResult& result) {
  for (const auto index : open) results[index] = result;
  Answer();
}

void Job::AnswerRefused() {
  const auto deferred = std::ranges::find(refusals, mail::Outcome::Deferred, &mail::DeliveryResult::outcome);
  auto all = deferred == refusals.end() ? refusals.back() : *deferred;
  if (refusals.size() > 1) all.text.clear();
  for (std::size_t i = 0; refusals.size() > 1 && i < refusals.size(); ++i) {
    all.text += (i == 0 ? "" : "; ") + request.relays[i] + ": " + refusals[i].text;
    if (refusals[i].status == courier::kLoginRefused) all.status = refusals[i].status;
  }
  for (const auto index : open) results[index] = all;
  Tell(open.size() == results.size() && all.outcome == mail::Outcome::Deferred);
}

}  // namespace relay
