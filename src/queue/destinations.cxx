// SPDX-License-Identifier: BSD-2-Clause
#include "queue/destinations.hxx"

#include "spool/retry.hxx"

#include <utility>

namespace queue {

bool Destinations::IsFull(const Record& record) noexcept {
  if (record.failures > 0) return record.open > 0;
  return !record.proven && record.open >= kUnproven;
}

bool Destinations::IsDown(const Record& record, mail::Time now, mail::Time flushed) noexcept {
  return record.failures > 0 && now < record.until && record.failed >= flushed;
}

Destinations::Verdict Destinations::Ask(const std::string& key, mail::Time now, mail::Time flushed) {
  if (records_.size() >= kRemembered) Forget(now);
  auto& record = records_[key];
  if (IsDown(record, now, flushed)) return Down{record.result, record.until};
  if (IsFull(record)) {
    record.awaited = true;
    return Busy{};
  }
  ++record.open;
  return Go{};
}

void Destinations::Forget(mail::Time now) {
  std::erase_if(records_,
                [now](const auto& entry) { return entry.second.open == 0 && entry.second.until <= now; });
}

bool Destinations::IsBusy(const std::string& key, mail::Time now, mail::Time flushed) const {
  const auto found = records_.find(key);
  if (found == records_.end()) return false;
  return !IsDown(found->second, now, flushed) && IsFull(found->second);
}

// What fails at the same time counts once.
void Destinations::OnAnswer(const std::string& key, bool unreached, const mail::DeliveryResult& result,
                            const config::Settings::Queue& queue, mail::Time now) {
  const auto found = records_.find(key);
  if (found == records_.end()) return;
  auto& record = found->second;
  record.proven = !unreached;
  if (!unreached) {
    record.failures = 0;
  } else {
    if (now >= record.until)
      record.until = now + spool::RetryDelay(++record.failures, queue.retry_min, queue.retry_max);
    record.failed = now;
    record.result = result;
  }
  End(found);
}

void Destinations::OnLost(const std::string& key) {
  const auto found = records_.find(key);
  if (found != records_.end()) End(found);
}

void Destinations::End(Records::iterator found) {
  auto& record = found->second;
  --record.open;
  const auto key = found->first;
  const bool awaited = std::exchange(record.awaited, false);
  if (record.open == 0 && record.failures == 0) records_.erase(found);
  if (awaited) on_change_(key);
}

void Destinations::Forgive() noexcept {
  for (auto& [key, record] : records_) record.until = {};
}

}  // namespace queue
