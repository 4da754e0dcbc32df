// SPDX-License-Identifier: BSD-2-Clause
#include "queue/queue_loader.hxx"

#include "queue/damage_report.hxx"
#include "queue/slices.hxx"
#include "spool/retry.hxx"

#include <fmt/format.h>

#include <syslog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace queue {

namespace {

constexpr auto kLoadTurn = std::chrono::milliseconds(5);  // what one handler spends
constexpr auto kFirstLook = std::chrono::seconds(10);     // after a call that failed
constexpr auto kLastLook = std::chrono::hours(1);
constexpr unsigned kMaxFailures = 4;  // in a row; then root is told as of a damaged one
constexpr std::size_t kMaxWarnings = 20;

}  // namespace

QueueLoader::QueueLoader(Environment environment, Queued queued, std::function<void()> on_end)
    : environment_(std::move(environment)),
      queued_(std::move(queued)),
      on_end_(std::move(on_end)),
      timer_(environment_.clock.MakeTimer([this] { Start(); })) {}

void QueueLoader::Start() {
  again_ = true;
  if (scan_) return;
  again_ = false;
  seen_.clear();
  try {
    scan_ = environment_.store.MakeScan();
  } catch (const std::exception& e) {
    return Fail(e.what());
  }
  environment_.clock.Post([this] { Continue(); });
}

void QueueLoader::Continue() {
  try {
    const auto& clock = environment_.clock;
    for (const auto end = clock.SinceBoot() + kLoadTurn; clock.SinceBoot() < end;) {
      const auto id = scan_->Next();
      if (scan_->AtEnd()) return End();
      if (id) Look(*id);
    }
  } catch (const std::exception& e) {
    return Fail(e.what());
  }
  environment_.clock.Post([this] { Continue(); });
}

void QueueLoader::Look(const mail::QueueId& id) {
  if (queued_.knows(id) || seen_.contains(id)) return;
  auto reading = environment_.store.Read(id);
  if (auto* const unreadable = std::get_if<spool::Unreadable>(&reading)) {
    seen_.insert(id);
    auto& found = unreadable_[id];
    if (found.what.why != unreadable->why)
      environment_.log.Write(
          LOG_ERR,
          fmt::format("{}: {}; it stays where it is, and is looked at again", id.View(), unreadable->why),
          {{"MAILQUEUE_ID", id.View()}});
    found.failures = unreadable->kind == Kind::Failing ? found.failures + 1 : 0;
    found.what = std::move(*unreadable);
  } else if (auto* const envelope = std::get_if<mail::Envelope>(&reading)) {
    unreadable_.erase(id);
    if (envelope->sender.empty())
      notices_.push_back(std::move(*envelope));
    else
      queued_.resume({std::move(*envelope)});
  }
}

// What has come from the null sender may be much.
void QueueLoader::End() {
  const bool is_more = TakeSlice(environment_.clock, [this] {
    if (notices_.empty()) return false;
    queued_.resume({std::move(notices_.back())});
    notices_.pop_back();
    return true;
  });
  if (is_more) return environment_.clock.Post([this] { Continue(); });
  const auto fault = scan_->Fault();
  scan_.reset();
  std::erase_if(unreadable_, [this](const auto& entry) { return !seen_.contains(entry.first); });
  Report();
  if (!fault.empty()) return Fail(fault);
  failures_ = 0;
  if (again_) return Start();
  if (!unreadable_.empty()) StartLater();
  on_end_();
}

void QueueLoader::Fail(const std::string& why) {
  scan_.reset();
  again_ = true;
  const auto delay = spool::RetryDelay(++failures_, kFirstLook, kLastLook);
  environment_.log.Write(LOG_ERR,
                         fmt::format("Failed to read the queue: {}, retrying in {} s", why,
                                     std::chrono::duration_cast<std::chrono::seconds>(delay).count()));
  queued_.resume(std::exchange(notices_, {}));
  timer_->StartAfter(delay);
}

// A message for which a call has failed is looked at again sooner.
void QueueLoader::StartLater() {
  mail::Duration delay = kLastLook;
  for (const auto& [id, found] : unreadable_)
    if (found.failures > 0) delay = std::min(delay, spool::RetryDelay(found.failures, kFirstLook, kLastLook));
  timer_->StartAfter(delay);
}

void QueueLoader::Report() {
  Damages damages;
  try {
    for (const auto& [id, found] : unreadable_) {
      const bool counts = found.what.kind == Kind::Damaged || found.failures >= kMaxFailures;
      if (counts && !environment_.store.IsReported(id)) damages.emplace_back(id, found.what.why);
    }
    if (!damages.empty()) queued_.add({ReportDamages(environment_, damages)});
  } catch (const std::exception& e) {
    environment_.log.Write(LOG_ERR, std::string("Failed to report damaged messages: ") + e.what() +
                                        ", retrying when they are looked at again");
  }
}

std::vector<std::pair<mail::QueueId, spool::Unreadable>> QueueLoader::List() const {
  std::vector<std::pair<mail::QueueId, spool::Unreadable>> list;
  list.reserve(unreadable_.size());
  for (const auto& [id, found] : unreadable_) list.emplace_back(id, found.what);
  return list;
}

std::vector<std::string> QueueLoader::Warnings() const {
  std::vector<std::string> texts;
  for (const auto& [id, found] : unreadable_) {
    if (texts.size() == kMaxWarnings) {
      texts.push_back(fmt::format("and {} more messages can't be read", unreadable_.size() - texts.size()));
      break;
    }
    texts.push_back(fmt::format("Message {} can't be read: {}", id.View(), found.what.why));
  }
  return texts;
}

}  // namespace queue
