// SPDX-License-Identifier: BSD-2-Clause
// Nobody keeps what others need: attempts, descriptors of the runner, requests at the relay.
#include "base/user.hxx"
#include "fixture.hxx"
#include "paths.h"
#include "silent_name_server.hxx"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

using namespace machine;
namespace fs = std::filesystem;

namespace {

std::optional<pid_t> FindAgent(const std::string& user) {
  const auto unit = fmt::format("mailqueue-deliver-{}-", FindUser(user).value().uid);
  for (const auto& process : MailqueueProcesses())
    if (TextOf(fmt::format("/proc/{}/cgroup", process.pid)).find(unit) != std::string::npos)
      return process.pid;
  return std::nullopt;
}

// A user's agent that is stopped as long as this lives.
class StoppedAgent {
 public:
  explicit StoppedAgent(pid_t pid) : pid_(pid) { ::kill(pid_, SIGSTOP); }
  ~StoppedAgent() { ::kill(pid_, SIGCONT); }
  StoppedAgent(const StoppedAgent&) = delete;
  StoppedAgent& operator=(const StoppedAgent&) = delete;

 private:
  pid_t pid_;
};

// Submits messages to alice as somebody whom the user database does not know, as who has subordinate uids
// can.
Command SubmitMany(unsigned uid, unsigned count) {
  const auto id = std::to_string(uid);
  return {.words = {
              "setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "sh", "-c",
              fmt::format("for i in $(seq {}); do printf 'Subject: x\n\nx\n' | sendmail alice || exit; done",
                          count)}};
}

void ExpectMailFromBobToCarol() {
  const auto subject = MakeSubject();
  Send("bob", {"carol"}, MakeMessage(subject));
  EXPECT_EQ(WaitForLetter("carol", subject).body, "A line.\n");
}

std::size_t CountDescriptors() {
  std::size_t count = 0;
  for (const auto& process : MailqueueProcesses())
    if (process.name == "mailqueue-runner")
      for ([[maybe_unused]] const auto& entry :
           fs::directory_iterator(fmt::format("/proc/{}/fd", process.pid)))
        ++count;
  return count;
}

// What is still under way is of no interest, and would take long.
void Abandon() {
  for (const auto& entry : fs::directory_iterator(fs::path(MAILQUEUE_SPOOLDIR) / "queue"))
    fs::remove(entry.path());
  Check({"systemctl", "kill", "--signal=KILL", "mailqueue.service"});
  Check({"systemctl", "stop", "mailqueue-deliver-*", "mailqueue-relay.service"});
}

}  // namespace

class SharesOfUsers : public SystemTest {};

TEST_F(SharesOfUsers, AnAgentThatIsStoppedKeepsNobodysMail) {
  constexpr unsigned kEach = 220;
  const auto subject = MakeSubject();
  Send("alice", {"alice"}, MakeMessage(subject));
  static_cast<void>(WaitForLetter("alice", subject));
  const auto agent = FindAgent("alice");
  ASSERT_TRUE(agent);
  {
    const StoppedAgent stopped(*agent);
    Child first(SubmitMany(70001, kEach));
    Child second(SubmitMany(70002, kEach));
    ASSERT_EQ(first.Wait().status, 0);
    ASSERT_EQ(second.Wait().status, 0);
    ExpectMailFromBobToCarol();
    Send("root", {"bob"}, MakeMessage(subject));
    static_cast<void>(WaitForLetter("bob", subject));
  }
  EXPECT_TRUE(WaitUntil([] { return IsQueueEmpty(); }, std::chrono::seconds(60))) << DescribeQueue();
  EXPECT_EQ(ReadMailbox("alice").size(), 1 + 2 * kEach);
}

TEST_F(SharesOfUsers, AMessageToThousandsOfPlacesKeepsNoDescriptors) {
  const fs::path folder = "/home/alice/places";
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms::owner_all);
  const UniqueFd locked(::open((folder / "b").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  Check({"chown", "-R", "alice:alice", folder});
  struct flock lock {};
  lock.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(locked.Get(), F_SETLK, &lock), 0);
  std::string places = "~/places/a\n~/places/b\n";
  for (int i = 0; i < 4200; ++i) places += fmt::format("~/places/c{:04}\n", i);
  const SetupFile forward("/home/alice/.forward", places);
  Check({"chown", "alice:alice", "/home/alice/.forward"});
  Send("alice", {"alice"}, MakeMessage(MakeSubject()));
  // The first place has it, so what leads to all others is known, and the second one is locked.
  ASSERT_TRUE(WaitUntil([&] { return fs::exists(folder / "a") && fs::file_size(folder / "a") > 0; }, kSoon,
                        {folder}));
  ExpectMailFromBobToCarol();
  EXPECT_LT(CountDescriptors(), 200u);
  Abandon();
  Check({"rm", "-rf", folder});
}

TEST_F(SharesOfUsers, AMessageToDeadDomainsKeepsNobodysMailFromTheRelay) {
  const Receiver receiver;
  const Configuration configuration("[Relay.good]\nHost=smtp+notls://" + receiver.At() +
                                    "\nRecipients=@good.example\n");
  const SilentNameServer silent;
  std::vector<std::string> recipients;
  for (int i = 0; i < 1000; ++i) recipients.push_back(fmt::format("x@d{}.example", i));
  Send("alice", recipients, MakeMessage(MakeSubject()));
  ASSERT_TRUE(silent.WaitForQuestion(kSoon));
  // Half as long as the relay waits for the answer to a question.
  constexpr std::chrono::seconds kShort{10};
  constexpr std::size_t kMany = 100;
  for (std::size_t i = 0; i < kMany; ++i) Send("bob", {"carol@good.example"}, MakeMessage(MakeSubject()));
  EXPECT_TRUE(receiver.WaitForCount(kMany, kShort));
  Abandon();
}
