// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/runner.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/user.hxx"
#include "paths.h"
#include "service/activation.hxx"
#include "service/event_loop.hxx"
#include "service/journal.hxx"
#include "service/notify.hxx"

#include <fmt/format.h>

#include <sys/random.h>
#include <syslog.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace runner {

namespace {

constexpr auto kIdleTime = std::chrono::seconds(5);
constexpr auto kStopPatience = std::chrono::seconds(20);  // for what is under way when systemd says stop
const std::string kSpool = MAILQUEUE_SPOOLDIR;

std::uint64_t RandomBits() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) ThrowErrno("Failed to get random octets");
  return bits;
}

}  // namespace

Runner::Runner()
    : signals_(context_, SIGTERM, SIGINT, SIGHUP),
      linger_(context_),
      watchdog_(context_),
      settings_(MAILQUEUE_CONFDIR),
      queue_(OpenDirectory(kSpool + "/queue")),
      drops_(OpenDirectory(kSpool)),
      clock_(context_),
      store_(queue_),
      routing_(context_),
      explaining_(context_),
      users_(context_, [](uid_t uid) { return FindUser(uid).has_value(); }),
      couriers_(context_),
      scheduler_(MakeEnvironment(), [this] { OnChange(); }),
      inspector_(MakeEnvironment(), explaining_, scheduler_),
      loader_(MakeEnvironment(),
              {.resume = [this](auto envelopes) { scheduler_.Resume(std::move(envelopes)); },
               .add = [this](auto envelopes) { Add(std::move(envelopes)); },
               .knows = [this](const auto& id) { return scheduler_.Knows(id); }},
              [this] { OnChange(); }),
      intake_(MakeEnvironment(), drops_, queue_,
              {.add = [this](auto envelopes) { Add(std::move(envelopes)); },
               .resume =
                   [this](auto envelope) {
                     std::vector<mail::Envelope> one;
                     one.push_back(std::move(envelope));
                     scheduler_.Resume(std::move(one));
                   },
               .knows = [this](const auto& id) { return scheduler_.Knows(id); },
               .share_of = [this](uid_t submitter) { return scheduler_.FindShare(submitter); },
               .usage_of = [this](uid_t submitter) { return scheduler_.UsageOf(submitter); },
               .on_idle = [this] { OnChange(); }}),
      drop_watch_(context_, drops_, intake_),
      submit_server_(context_, service::PassedSockets().Take("submit"), queue_, settings_, intake_,
                     [this] { OnChange(); }),
      bus_(context_, scheduler_, inspector_, loader_, intake_, settings_),
      mounts_(context_, [this] { scheduler_.OnMountChange(); }) {}

queue::Environment Runner::MakeEnvironment() {
  return {clock_, log_, store_, settings_, routing_, users_, couriers_, &RandomBits};
}

void Runner::Run() {
  settings_.KeepNames(queue_.OnDisk(), queue_.Directory());
  scheduler_.SetOnShare([this](uid_t uid) {
    intake_.OnShare(uid);
    submit_server_.OnShare(uid);
  });
  scheduler_.SetOnUnreadable([this] { loader_.Start(); });
  WaitForSignal();
  FeedWatchdog();
  loader_.Start();
  drop_watch_.Start();
  submit_server_.Start();
  bus_.Start();
  mounts_.Start();
  service::NotifyReady();
  OnChange();
  service::EventLoop(context_).Run();
}

// They are durable: what a fault keeps out of the schedule is found in the queue.
void Runner::Add(std::vector<mail::Envelope> envelopes) {
  try {
    scheduler_.Add(std::move(envelopes));
  } catch (const std::exception& e) {
    service::Log(LOG_ERR,
                 std::string("Failed to schedule new messages: ") + e.what() + ", reading the queue");
    loader_.Start();
  }
}

void Runner::WaitForSignal() {
  signals_.async_wait([this](std::error_code error, int signal) {
    if (error) return;
    OnSignal(signal);
    WaitForSignal();
  });
}

void Runner::OnSignal(int signal) {
  if (signal == SIGHUP) {
    service::NotifyReloading();
    settings_.Reload();
    service::NotifyReady();
    TellStatus();
    return;
  }
  scheduler_.Stop();
  leaving_ = true;
  service::NotifyStopping();
  if (scheduler_.Active() == 0) return Leave();
  linger_.expires_after(kStopPatience);
  linger_.async_wait([this](std::error_code error) {
    if (!error) Leave();
  });
}

void Runner::OnChange() {
  if (leaving_) {
    if (scheduler_.Active() == 0) Leave();
    return;
  }
  TellStatus();
  intake_.OnRoom();
  linger_.cancel();
  if (scheduler_.HasWork()) return;
  linger_.expires_after(kIdleTime);
  linger_.async_wait([this](std::error_code error) {
    if (!error) OnLingered();
  });
}

// What is under way, or waits, calls OnChange when that has ended: no need to look for it. A message that
// can't be read may stay for days. The bus only counts its calls, so after one 5 s more are waited.
void Runner::OnLingered() {
  if (!IsIdle()) return;
  if (!bus_.IsQuiet()) return OnChange();
  if (HoldsMore()) loader_.Start();
  if (!IsIdle()) return;
  if (scheduler_.Size() == 0) settings_.ForgetNames();
  Leave();
}

// What a fault has left on the disk only, or somebody has put there, is not to wait for the next start.
bool Runner::HoldsMore() const {
  try {
    return queue_.HoldsOther([this](const auto& id) { return scheduler_.Knows(id); });
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string("Failed to look whether the queue is empty: ") + e.what());
    return true;
  }
}

bool Runner::IsIdle() const noexcept {
  return !scheduler_.HasWork() && loader_.IsIdle() && intake_.IsIdle() && submit_server_.IsIdle();
}

// systemd starts us again for whatever arrives from here on: drops by mailqueue.path, connections by
// mailqueue.socket, calls by the bus, once the name is released.
void Runner::Leave() {
  leaving_ = true;
  service::NotifyStopping();
  bus_.Leave();
  context_.stop();
}

void Runner::TellStatus() const {
  const auto warnings = settings_.Warnings().size();
  service::NotifyStatus(
      fmt::format("{} message{} in the queue, {} under way{}{}", scheduler_.Size(),
                  scheduler_.Size() == 1 ? "" : "s", scheduler_.Active(),
                  (scheduler_.Held() ? fmt::format(", {} held", scheduler_.Held()) : "") +
                      (loader_.Size() ? fmt::format(", {} that can't be read", loader_.Size()) : ""),
                  warnings ? fmt::format("; {} mistake(s) in the configuration", warnings) : ""));
}

void Runner::FeedWatchdog() {
  const auto interval = service::WatchdogInterval();
  if (!interval) return;
  service::NotifyWatchdog();
  watchdog_.expires_after(*interval);
  watchdog_.async_wait([this](std::error_code error) {
    if (!error) FeedWatchdog();
  });
}

}  // namespace runner
