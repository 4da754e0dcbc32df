// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/runner.hxx"

#include "base/file.hxx"
#include "paths.h"
#include "service/activation.hxx"
#include "service/event_loop.hxx"
#include "service/journal.hxx"
#include "service/notify.hxx"

#include <fmt/format.h>

#include <syslog.h>

#include <chrono>
#include <csignal>
#include <string>

namespace runner {

namespace {

constexpr auto kIdleTime = std::chrono::seconds(5);
constexpr auto kStopPatience = std::chrono::seconds(20);  // for what is under way when systemd says stop
const std::string kSpool = MAILQUEUE_SPOOLDIR;

UniqueFd OpenCorrupt() {
  return OpenDirectory(kSpool + "/corrupt");
}

}  // namespace

Runner::Runner()
    : signals_(context_, SIGTERM, SIGINT, SIGHUP),
      linger_(context_),
      watchdog_(context_),
      settings_(MAILQUEUE_CONFDIR),
      queue_(OpenDirectory(kSpool + "/queue"), OpenCorrupt()),
      drops_(OpenDirectory(kSpool + "/drop"), OpenCorrupt()),
      scheduler_(context_, queue_, settings_, [this] { OnChange(); }),
      intake_(context_, drops_, queue_, [this](auto envelopes) { scheduler_.Add(std::move(envelopes)); }),
      submit_server_(context_, service::PassedSockets().Take("submit"), queue_, intake_),
      bus_(context_, scheduler_, settings_),
      mounts_(context_, [this] { scheduler_.OnMountChange(); }) {}

void Runner::Run() {
  auto contents = queue_.Load();
  for (const auto& name : contents.set_aside)
    service::Log(LOG_ERR, fmt::format("Set aside queue/{0} as corrupt/{0}: it can't be read", name));
  scheduler_.Resume(std::move(contents.envelopes));
  WaitForSignal();
  FeedWatchdog();
  intake_.Start();
  submit_server_.Start();
  bus_.Start();
  mounts_.Start();
  service::NotifyReady();
  OnChange();
  service::EventLoop(context_).Run();
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
  linger_.cancel();
  if (scheduler_.HasWork()) return;
  linger_.expires_after(kIdleTime);
  linger_.async_wait([this](std::error_code error) {
    if (!error) OnLingered();
  });
}

void Runner::OnLingered() {
  if (!IsIdle()) return OnChange();
  Leave();
}

bool Runner::IsIdle() {
  return !scheduler_.HasWork() && intake_.IsIdle() && submit_server_.IsIdle() && bus_.IsQuiet();
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
  service::NotifyStatus(fmt::format(
      "{} message{} in the queue, {} under way{}{}", scheduler_.Size(), scheduler_.Size() == 1 ? "" : "s",
      scheduler_.Active(), scheduler_.Held() ? fmt::format(", {} held", scheduler_.Held()) : "",
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
