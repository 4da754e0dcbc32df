// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/settings_watch.hxx"

#include "service/journal.hxx"

#include <syslog.h>

#include <chrono>
#include <memory>
#include <utility>

namespace runner {

SettingsWatch::SettingsWatch(std::string directory) : settings_(std::move(directory)) {
  OnLoaded();
}

queue::Snapshot SettingsWatch::Refresh() {
  if (settings_.Refresh())
    OnLoaded();
  else if (names_ && !names_->IsRead() && std::chrono::steady_clock::now() >= names_due_)
    TakeOver();
  return current_;
}

void SettingsWatch::Reload() {
  settings_.Reload();
  OnLoaded();
}

void SettingsWatch::OnLoaded() {
  for (const auto& warning : Warnings()) service::Log(LOG_WARNING, warning.ToString() + ", ignoring");
  TakeOver();
}

void SettingsWatch::KeepNames(Disk& disk, FdRef directory, std::chrono::steady_clock::duration retry) {
  names_.emplace(disk, directory);
  names_retry_ = retry;
  TakeOver();
}

void SettingsWatch::ForgetNames() {
  if (names_) names_->Reset(settings_.Get().mail.own_names);
  TakeOver();
}

// Where LocalDomains= is set, the administrator has said what is local.
void SettingsWatch::TakeOver() {
  names_due_ = std::chrono::steady_clock::now() + names_retry_;
  auto settings = std::make_shared<config::Settings>(settings_.Get());
  auto& mail = settings->mail;
  if (names_ && !mail.own_names.empty()) {
    names_->Add(mail.own_names);
    for (const auto& name : names_->All())
      if (!settings->IsLocalDomain(name)) mail.local_domains.push_back(name);
  }
  current_ = std::move(settings);
}

}  // namespace runner
