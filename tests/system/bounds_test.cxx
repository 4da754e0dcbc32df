// SPDX-License-Identifier: BSD-2-Clause
// What one user makes large, on the bus, in the journal and in memory, has bounds, and harms nobody else.
#include "drop_text.hxx"
#include "fixture.hxx"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace machine;

namespace {

constexpr std::size_t kManyRecipients = 10000;
constexpr long kMuchMemory = 200;  // MB

constexpr char kBus[] = "org.mailqueue.Queue1 /org/mailqueue/Queue1 org.mailqueue.Queue1";

// Nobody listens there.
const std::string kNoRelay = "smtp+notls://127.0.0.1:9";

class Forwarding {
 public:
  explicit Forwarding(const std::string& text) {
    const auto ended =
        Execute({.words = {"sh", "-c", "umask 077; cat >~/.forward"}, .user = "alice", .input = text});
    EXPECT_EQ(ended.status, 0) << ended.err;
  }
  ~Forwarding() { std::filesystem::remove("/home/alice/.forward"); }
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;
};

void DropForMany() {
  std::vector<std::string> recipients;
  for (std::size_t i = 0; i < kManyRecipients; ++i) recipients.push_back(fmt::format("u{}@d.example.net", i));
  const auto id = MakeQueueId();
  const auto ended =
      Execute({.words = {"sh", "-c",
                         fmt::format("umask 022; cat >{0}/.{1} && mv {0}/.{1} {0}/{1}", DropDirectory(), id)},
               .user = "alice",
               .input = MakeDrop(id, "many", recipients)});
  EXPECT_EQ(ended.status, 0) << ended.err;
}

std::string RunnerPid() {
  return UnitProperty("mailqueue.service", "MainPID");
}

long ResidentMegabytes(const std::string& pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6)) / 1024;
  return -1;
}

}  // namespace

class Bounds : public SystemTest {};

// The bus hangs up on who sends it an answer of 32 MiB.
TEST_F(Bounds, OfAnAnswerOnTheBus) {
  const Configuration configuration("[Relay]\nHost=" + kNoRelay + "\n");
  std::string addresses;
  for (int i = 0; i < 64; ++i) addresses += std::string(970, 'a') + fmt::format("{:02}@example.net\n", i);
  const Forwarding forwarding(addresses);
  Send("bob", {"x@example.net"}, MakeMessage("waits"));
  ASSERT_TRUE(WaitUntil(IsTried));
  const auto pid = RunnerPid();
  const auto call =
      fmt::format("busctl --timeout=60 call {} Route sas '' 300 $(yes alice | head -300) | wc -c", kBus);
  const auto answer = Execute({.words = {"sh", "-c", call}, .user = "alice"});
  EXPECT_GT(std::stol(answer.out), 100'000);
  Check({"sh", "-c", fmt::format("busctl get-property {} QueueLength", kBus)});
  EXPECT_EQ(RunnerPid(), pid);
}

TEST_F(Bounds, OfWhatOthersSeeOfAPrivateFile) {
  const Forwarding forwarding("|\"/usr/bin/procmail --password=TopSecret42\nsecret-friend@example.org;;\n");
  const auto subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  static_cast<void>(WaitForLetter("alice", subject));
  const auto seen = fmt::format(
      "mailqueuectl status; busctl get-property {0} Warnings; busctl call {0} ListWarnings", kBus);
  const auto told = [&](const std::string& user) {
    const auto ended = Execute({.words = {"sh", "-c", seen}, .user = user});
    return ended.out + ended.err;
  };
  EXPECT_EQ(told("bob").find("ecret"), std::string::npos) << told("bob");
  EXPECT_NE(told("bob").find("a file of alice"), std::string::npos) << told("bob");
  EXPECT_NE(told("alice").find("TopSecret42"), std::string::npos) << told("alice");
  EXPECT_NE(told("root").find("TopSecret42"), std::string::npos) << told("root");
}

TEST_F(Bounds, OfOneUsersLinesInTheJournal) {
  const Configuration configuration("[Relay]\nHost=" + kNoRelay + "\n");
  Journal journal;
  DropForMany();
  ASSERT_TRUE(WaitUntil(IsTried));
  const auto subject = MakeSubject();
  Send("bob", {"carol"}, MakeMessage(subject));
  EXPECT_TRUE(journal.WaitFor("queued, from 'bob"));
  static_cast<void>(WaitForLetter("carol", subject));
  EXPECT_LT(journal.Rest().size(), kManyRecipients / 10);
}

TEST_F(Bounds, OfMemoryForManyRecipients) {
  const Configuration configuration("[Relay]\nHost=" + kNoRelay + "\n");
  for (int i = 0; i < 16; ++i) DropForMany();
  EXPECT_TRUE(WaitUntil(
      [] {
        const auto queue = ReadQueue();
        return queue.size() == 16 &&
               std::ranges::all_of(queue, [](const auto& one) { return one.attempts > 0; });
      },
      std::chrono::seconds(60)));
  const auto used = ResidentMegabytes(RunnerPid());
  EXPECT_GT(used, 0);
  EXPECT_LT(used, kMuchMemory);
  EXPECT_EQ(UnitProperty("mailqueue.service", "MemoryMax"), std::to_string(1024L * 1024 * 1024));
}
