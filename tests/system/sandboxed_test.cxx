// SPDX-License-Identifier: BSD-2-Clause
// Mail of programs that can't write to the spool: neither a job that takes its time nor many at once nor a
// runner that starts anew costs any of it.
#include "base/error.hxx"
#include "fixture.hxx"
#include "manager.hxx"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

using namespace machine;
namespace fs = std::filesystem;

namespace {

constexpr int kJobs = 20;  // more than the runner serves a user at once

// More than a pipe holds, so that its writer goes on only once sendmail reads.
constexpr char kFirstPart[] =
    "printf 'Subject: %s\\n\\n' \"$0\"; head -c 300000 /dev/zero | tr '\\0' x; echo;";

class SandboxedTest : public SystemTest {
 protected:
  SandboxedTest() {
    for (int i = 0; i < kJobs; ++i) {
      fs::remove(Gate(i));
      if (::mkfifo(Gate(i).c_str(), 0666) < 0) ThrowErrno("Failed to make a FIFO");
      fs::permissions(Gate(i), fs::perms(0666));
    }
  }
  ~SandboxedTest() override {
    for (int i = 0; i < kJobs; ++i) fs::remove(Gate(i));
  }

  static std::string Gate(int job) { return "/run/test-gate-" + std::to_string(job); }

  // A unit of alice's in which so many jobs write a part of a message, wait, and write the rest.
  static Command Jobs(const std::string& subject, int count) {
    const std::string job =
        std::string("(") + kFirstPart + " read -r x </run/test-gate-$i; echo last) | sendmail -i bob";
    const std::string script = "for i in $(seq 0 " + std::to_string(count - 1) + "); do (" + job +
                               ") & jobs=\"$jobs $!\"; done; for j in $jobs; do wait $j || exit $?; done";
    return {.words = {"systemd-run", "--quiet", "--wait", "--pipe", "-p", "User=alice", "-p",
                      "ProtectSystem=strict", "--", "bash", "-c", script, subject},
            .limit = std::chrono::seconds(120)};
  }

  // The job is in its pause: it has handed sendmail its first part.
  static UniqueFd WaitForPause(int job) {
    UniqueFd gate(::open(Gate(job).c_str(), O_WRONLY | O_CLOEXEC));
    if (!gate) ThrowErrno("Failed to open", Gate(job));
    return gate;
  }
  static void GoOn(UniqueFd gate) {
    if (::write(gate.Get(), "\n", 1) != 1) ThrowErrno("Failed to write to a FIFO");
  }
};

TEST_F(SandboxedTest, ASilentJobNeedsNoRunner) {
  const auto subject = MakeSubject();
  Child job(Jobs(subject, 1));
  auto gate = WaitForPause(0);
  EXPECT_EQ(UnitProperty("mailqueue.service", "ActiveState"), "inactive");
  GoOn(std::move(gate));
  const auto ended = job.Wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(WaitForLetter("bob", subject).body.ends_with("last\n"));
}

TEST_F(SandboxedTest, ManyJobsOfOneUserAreSent) {
  const auto subject = MakeSubject();
  Child jobs(Jobs(subject, kJobs));
  std::vector<UniqueFd> gates;
  for (int i = 0; i < kJobs; ++i) gates.push_back(WaitForPause(i));
  for (auto& gate : gates) GoOn(std::move(gate));
  const auto ended = jobs.Wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();  // a mailbox that is being written can't be read
  EXPECT_EQ(FindLetters("bob", subject).size(), std::size_t{kJobs});
}

TEST_F(SandboxedTest, ARunnerThatStartsAnewLosesNothing) {
  const auto subject = MakeSubject();
  Child jobs(Jobs(subject, kJobs));
  for (int i = 0; i < kJobs; ++i) {
    GoOn(WaitForPause(i));
    (void)Execute({.words = {"systemctl", "kill", "--signal=KILL", "mailqueue.service"}});  // if it runs
  }
  const auto ended = jobs.Wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(WaitUntil([&] { return FindLetters("bob", subject).size() >= kJobs; })) << DescribeQueue();
}

TEST_F(SandboxedTest, ASocketThatIsAwayForAMomentIsWaitedFor) {
  const auto subject = MakeSubject();
  Manager manager;
  Child job(Jobs(subject, 1));
  auto gate = WaitForPause(0);
  manager.Stop({"mailqueue.path", "mailqueue.socket"});
  GoOn(std::move(gate));
  manager.Start({"mailqueue.path", "mailqueue.socket"});
  const auto ended = job.Wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  (void)WaitForLetter("bob", subject);
}

}  // namespace
