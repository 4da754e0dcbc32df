// SPDX-License-Identifier: BSD-2-Clause
#include "fixture.hxx"

#include "paths.h"

#include <filesystem>

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kWaiting = {"mailqueue.path", "mailqueue.socket", "mailqueue-relay.socket",
                                           "mailqueue-launcher.socket", "mailqueue-credentials.path"};

void Empty(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory)) fs::remove_all(entry.path());
}

void Systemctl(std::vector<std::string> words) {
  words.insert(words.begin(), "systemctl");
  const auto ended = machine::Execute({.words = words});
  ASSERT_EQ(ended.status, 0) << words[1] << ": " << ended.err;
}

// Agents may end of themselves in this very moment, which systemctl reports.
void StopAgents() {
  (void)machine::Execute({.words = {"systemctl", "stop", "mailqueue-deliver-*.service"}});
}

}  // namespace

void SystemTest::SetUp() {
  // First, because it starts the relay again behind whoever stops it.
  Systemctl({"stop", "mailqueue-credentials.path", "mailqueue-credentials.service"});
  std::vector<std::string> stop = {"stop", "mailqueue.service", "mailqueue-relay.service",
                                   "mailqueue-launcher.service"};
  stop.insert(stop.begin() + 1, kWaiting.begin(), kWaiting.end());
  Systemctl(stop);
  StopAgents();
  for (const char* name : {"drop", "queue", "corrupt"}) Empty(fs::path(MAILQUEUE_SPOOLDIR) / name);
  Empty("/var/mail");
  // Also forgets how often they were started, which systemd limits.
  std::vector<std::string> reset = {"systemctl", "reset-failed", "mailqueue.service",
                                    "mailqueue-relay.service", "mailqueue-launcher.service"};
  reset.insert(reset.end(), kWaiting.begin(), kWaiting.end());
  (void)machine::Execute({.words = reset});
  std::vector<std::string> start = {"start"};
  start.insert(start.end(), kWaiting.begin(), kWaiting.end());
  Systemctl(start);
}

void SystemTest::TearDown() {
  std::vector<std::string> is_active = {"systemctl", "is-active"};
  is_active.insert(is_active.end(), kWaiting.begin(), kWaiting.end());
  EXPECT_EQ(machine::Check(is_active), "active\nactive\nactive\nactive\nactive\n");
  EXPECT_EQ(machine::Check({"systemctl", "list-units", "--failed", "--plain", "--no-legend", "mailqueue*"}),
            "");
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
