// SPDX-License-Identifier: BSD-2-Clause
#include "fixture.hxx"

#include "manager.hxx"
#include "paths.h"

#include <filesystem>

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kWaiting = {"mailqueue.path", "mailqueue.socket", "mailqueue-relay.socket",
                                           "mailqueue-launcher.socket", "mailqueue-credentials.path"};

void Empty(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory)) fs::remove_all(entry.path());
}

// Again and again until nothing runs, because one service may have asked for another in the meantime.
void StopServices(machine::Manager& manager) {
  const machine::Deadline deadline(machine::kSoon);
  while (!deadline.HasPassed()) {
    Empty(fs::path(MAILQUEUE_SPOOLDIR) / "drop");  // or else the path unit starts the runner again
    std::vector<std::string> running;
    for (const auto& [unit, state] : manager.States("mailqueue*.service"))
      if (state != "inactive" && state != "failed") running.push_back(unit);
    if (running.empty()) return;
    manager.Stop(running);
  }
  FAIL() << "services can't be stopped";
}

}  // namespace

void SystemTest::SetUp() {
  machine::Manager manager;
  // It would start the relay again when a credential of the last test goes.
  manager.Stop({"mailqueue-credentials.path"});
  ASSERT_NO_FATAL_FAILURE(StopServices(manager));
  for (const char* name : {"drop", "queue", "corrupt"}) Empty(fs::path(MAILQUEUE_SPOOLDIR) / name);
  Empty("/var/mail");
  // Also forgets how often they were started, which systemd limits.
  manager.ResetFailed();
  manager.Start(kWaiting);
}

void SystemTest::TearDown() {
  auto states = machine::Manager().States("mailqueue*");
  for (const auto& unit : kWaiting) EXPECT_EQ(states[unit], "active") << unit;
  for (const auto& [unit, state] : states) EXPECT_NE(state, "failed") << unit;
  if (HasFailure()) std::fprintf(stderr, "%s\n", machine::DescribeQueue().c_str());
}

namespace machine {

void Send(const std::string& user, const std::vector<std::string>& arguments, const std::string& message) {
  std::vector<std::string> words = {"sendmail"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto ended = Execute({.words = words, .user = user, .input = message});
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out + ended.err, "");
}

bool IsTried() {
  const auto queue = ReadQueue();
  return queue.size() == 1 && queue[0].attempts > 0;
}

std::string Deferral() {
  const auto queue = ReadQueue();
  if (queue.size() != 1 || queue[0].recipients.size() != 1) return {};
  const auto& result = queue[0].recipients[0].result;
  if (!result || result->outcome != mail::Outcome::Deferred) return {};
  return result->status + " " + result->text;
}

bool FlushAll() {
  const Deadline deadline(kSoon);
  do Check({"mailqueuectl", "flush"});
  while (!WaitUntil(IsQueueEmpty, std::chrono::seconds(1)) && !deadline.HasPassed());
  return IsQueueEmpty();
}

std::vector<std::string> InSandbox(const std::vector<std::string>& words) {
  std::vector<std::string> all = {"systemd-run", "--quiet",
                                  "--wait",      "--pipe",
                                  "-p",          "DynamicUser=yes",
                                  "-p",          "ProtectSystem=strict",
                                  "-p",          "NoNewPrivileges=yes",
                                  "--"};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

std::string RelayTo(const std::string& url) {
  return "[Relay]\nHost=" + url + "\n[Queue]\nRetryMin=1s\n";
}

}  // namespace machine
