// SPDX-License-Identifier: BSD-2-Clause
// Whatever is killed at whatever moment: no message is lost, and the queue goes on by itself.
#include "fixture.hxx"

#include <fmt/format.h>

#include <csignal>
#include <random>
#include <set>

using namespace machine;

namespace {

constexpr int kMessages = 60;

// Kills all processes of this name; false if there is none.
bool KillAll(const std::string& name) {
  bool any = false;
  for (const auto& process : MailqueueProcesses())
    if (process.name == name) any |= ::kill(process.pid, SIGKILL) == 0;
  return any;
}

std::set<std::string> SubjectsIn(const std::vector<Letter>& letters) {
  std::set<std::string> subjects;
  for (const auto& letter : letters) subjects.insert(letter.Field("Subject"));
  return subjects;
}

std::set<std::string> SubjectsOf(const Receiver& receiver) {
  std::set<std::string> subjects;
  for (const auto& received : receiver.All()) subjects.insert(received.Content().Field("Subject"));
  return subjects;
}

}  // namespace

class Crash : public SystemTest, public testing::WithParamInterface<const char*> {
 protected:
  Receiver receiver;
  const Configuration configuration{RelayTo("smtp+notls://" + receiver.At())};
};

INSTANTIATE_TEST_SUITE_P(Every, Crash,
                         testing::Values("mailqueue-runner", "mailqueue-relay", "mailqueue-launcher",
                                         "mailqueue-deliver"),
                         [](const auto& param) {
                           return std::string(param.param).substr(sizeof "mailqueue-" - 1);
                         });

TEST_P(Crash, LosesNoMessageOfAStream) {
  const auto subject = MakeSubject();
  std::minstd_rand random(42);
  int kills = 0;
  std::set<std::string> sent;
  for (int i = 0; i < kMessages; ++i) {
    sent.insert(fmt::format("{} {}", subject, i));
    Send(i % 2 ? "alice" : "root", {"bob", "carol", "friend@remote.example"},
         MakeMessage(fmt::format("{} {}", subject, i)));
    if (random() % 3 == 0) kills += KillAll(GetParam());
  }
  // Deliveries go on after the last message was sent; they are interrupted, too.
  const auto done = [] { return IsQueueEmpty(); };
  while (kills < 5 && !done()) {
    const auto before = ReadQueue().size();
    (void)WaitUntil([&] { return ReadQueue().size() != before || done(); }, std::chrono::seconds(5));
    kills += KillAll(GetParam());
  }
  EXPECT_GT(kills, 0);
  ASSERT_TRUE(WaitUntil(done, std::chrono::seconds(90)));
  EXPECT_EQ(SubjectsIn(ReadMailbox("bob")), sent);
  EXPECT_EQ(SubjectsIn(ReadMailbox("carol")), sent);
  EXPECT_EQ(SubjectsOf(receiver), sent);
}

TEST_P(Crash, IsFollowedByNormalWork) {
  const auto first = MakeSubject();
  Send("alice", {"bob", "friend@remote.example"}, MakeMessage(first));
  (void)WaitForLetter("bob", first);
  (void)receiver.WaitFor(first);
  // Between a server's word and the envelope a kill may well cause a second copy there (RFC 1047).
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  KillAll(GetParam());
  const auto second = MakeSubject();
  Send("alice", {"bob", "friend@remote.example"}, MakeMessage(second));
  (void)WaitForLetter("bob", second);
  (void)receiver.WaitFor(second);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(FindLetters("bob", first).size(), 1U);
  EXPECT_EQ(receiver.WithSubject(first).size(), 1U);
}

class PowerOff : public SystemTest {};

TEST_F(PowerOff, KillsEverythingAtOnceAndLosesNothing) {
  const auto subject = MakeSubject();
  std::set<std::string> sent;
  for (int i = 0; i < 30; ++i) {
    sent.insert(fmt::format("{} {}", subject, i));
    Send("alice", {"bob"}, MakeMessage(fmt::format("{} {}", subject, i)));
    if (i % 10 == 5)
      for (const auto& process : MailqueueProcesses()) ::kill(process.pid, SIGKILL);
  }
  ASSERT_TRUE(WaitUntil(IsQueueEmpty, std::chrono::seconds(90)));
  EXPECT_EQ(SubjectsIn(ReadMailbox("bob")), sent);
}
