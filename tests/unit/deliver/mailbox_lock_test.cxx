// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mailbox_lock.hxx"

#include "courier/packet.hxx"
#include "mailbox_fixture.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace {

using deliver::MailboxLock;

struct MailboxLockTest : MailboxTest {
  UniqueFd parent = OpenDirectory(directory.Path());
  UniqueFd mailbox = Open();
  std::string holder;

  [[nodiscard]] UniqueFd Open() const { return OpenBeneath({parent, "mbox"}, O_RDWR | O_CREAT, 0600); }
  [[nodiscard]] std::optional<MailboxLock> Try() {
    return MailboxLock::Try(mailbox, {parent, "mbox"}, holder);
  }
  void MakeDotLock(const std::string& content, std::chrono::seconds age) const {
    Write(content, "mbox.lock");
    const timespec then{::time(nullptr) - age.count(), 0};
    const timespec times[] = {then, then};
    ASSERT_EQ(::utimensat(parent.Get(), "mbox.lock", times, 0), 0);
  }
};

// The number of a process that has just ended.
std::string DeadProcess() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return std::to_string(child);
}

TEST_F(MailboxLockTest, HoldsBothLocksAndGivesThemBack) {
  {
    const auto lock = Try();
    ASSERT_TRUE(lock);
    EXPECT_TRUE(Read("mbox.lock").starts_with(std::to_string(::getpid()) + "\n"));
    const auto second = Open();
    EXPECT_FALSE(MailboxLock::Try(second, {parent, "mbox"}, holder));
    EXPECT_EQ(holder, "another process");
    EXPECT_TRUE(Has("mbox.lock")) << "the loser must leave it";
  }
  EXPECT_FALSE(Has("mbox.lock"));
  EXPECT_TRUE(Try());
}

// Holds the lock that fcntl(2) gives to a process, until it is told to end.
class OtherProgram {
 public:
  explicit OtherProgram(const std::string& path) {
    auto [ours, theirs] = courier::MakePair();
    pid_ = ::fork();
    if (pid_ == 0) {
      ours.Close();
      Hold(path, theirs);
    }
    ours_ = std::move(ours);
    theirs.Close();
    courier::Packet ready;
    static_cast<void>(courier::Receive(ours_, ready));
  }
  ~OtherProgram() { End(); }
  void End() {
    ours_.Close();
    if (pid_ > 0) ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }
  [[nodiscard]] pid_t Pid() const noexcept { return pid_; }

 private:
  [[noreturn]] static void Hold(const std::string& path, FdRef socket) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    ::fcntl(fd, F_SETLK, &lock);
    courier::Packet packet;
    static_cast<void>(courier::Send(socket, "ready"));
    static_cast<void>(courier::Receive(socket, packet));
    ::_exit(0);
  }

  pid_t pid_ = 0;
  UniqueFd ours_;
};

TEST_F(MailboxLockTest, MeetsTheLocksOfProcesses) {
  OtherProgram other(directory / "mbox");
  EXPECT_FALSE(Try());
  EXPECT_EQ(holder, "process " + std::to_string(other.Pid()));
  EXPECT_FALSE(Has("mbox.lock"));
  other.End();
  EXPECT_TRUE(Try());
}

TEST_F(MailboxLockTest, RespectsAFreshDotLock) {
  for (const auto& content : {std::string(), std::string("0"), DeadProcess(), std::to_string(::getpid())}) {
    MakeDotLock(content, std::chrono::seconds(10));
    EXPECT_FALSE(Try()) << content;
    EXPECT_EQ(holder, "the lock file 'mbox.lock'");
    EXPECT_EQ(Read("mbox.lock"), content);
  }
}

TEST_F(MailboxLockTest, RemovesAnOldDotLockOfNobody) {
  for (const auto& content : {std::string(), std::string("0"), DeadProcess(), DeadProcess() + "\n"}) {
    MakeDotLock(content, MailboxLock::kStaleAge + std::chrono::seconds(10));
    EXPECT_TRUE(Try()) << content;
  }
}

TEST_F(MailboxLockTest, RespectsAnOldDotLockOfALivingProcess) {
  MakeDotLock(std::to_string(::getpid()), std::chrono::hours(24));
  EXPECT_FALSE(Try());
}

TEST_F(MailboxLockTest, RemovesAtOnceWhatAKilledAgentLeft) {
  const pid_t child = ::fork();
  if (child == 0) {
    const UniqueFd file = Open();
    const auto lock = MailboxLock::Try(file, {parent, "mbox"}, holder);
    ::_exit(lock ? 0 : 1);  // no destructor runs
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(Has("mbox.lock"));
  EXPECT_TRUE(Try());
}

TEST_F(MailboxLockTest, TakesNoLinkAndNoDirectoryForAStaleLock) {
  std::filesystem::create_symlink(directory / "elsewhere", directory / "mbox.lock");
  EXPECT_FALSE(Try());
  EXPECT_FALSE(Has("elsewhere"));
  std::filesystem::remove(directory / "mbox.lock");
  std::filesystem::create_directory(directory / "mbox.lock");
  EXPECT_FALSE(Try());
}

// Runs @p check as somebody whom permissions stop, in a process of its own.
bool HoldsForOrdinaryUser(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && ::setresuid(65534, 65534, 65534) < 0) ::_exit(2);
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0;
}

TEST_F(MailboxLockTest, DoesWithoutADotLockWhereItCanMakeNone) {
  ASSERT_EQ(::chmod(directory.Path().c_str(), 0555), 0);
  EXPECT_TRUE(HoldsForOrdinaryUser([this] { return Try().has_value(); }));
  EXPECT_FALSE(Has("mbox.lock"));
  ASSERT_EQ(::chmod(directory.Path().c_str(), 0755), 0);
}

}  // namespace
