// SPDX-License-Identifier: BSD-2-Clause
// sendmail killed by each signal at random times: a message arrives whole and once, or not at all, and what
// was accepted arrives. KILLS in the environment says how often (10000 takes some minutes).
#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "fixture.hxx"
#include "paths.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <spawn.h>

using namespace machine;
using Clock = std::chrono::steady_clock;

namespace {

constexpr unsigned kUsualKills = 330;

// All that a program can get but those that stop it (SIGSTOP and its kin) or do nothing at all.
constexpr int kSignals[] = {SIGHUP,  SIGINT,  SIGQUIT,   SIGILL,  SIGTRAP, SIGABRT, SIGBUS,  SIGFPE,
                            SIGKILL, SIGUSR1, SIGSEGV,   SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT,
                            SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,  SIGSYS};

// How a message gets into the queue.
enum class Way { Drop, Socket, Smtp };
constexpr int kWays = 3;

// Each message can be told from every other one, and a part of it from the whole.
std::string BodyOf(unsigned number) {
  std::string body;
  const unsigned lines = number % 7 == 0 ? 4000 : 20;
  for (unsigned line = 1; line <= lines; ++line)
    body += fmt::format("{} line {} of {} {:-<40}\n", number, line, lines, "");
  return body;
}

std::string InputOf(unsigned number, Way way) {
  const auto message = fmt::format("Subject: {}\n\n{}", number, BodyOf(number));
  if (way != Way::Smtp) return message;
  return "EHLO test\nMAIL FROM:<root>\nRCPT TO:<friend@remote.example>\nDATA\n" + message + ".\nQUIT\n";
}

UniqueFd MakeFile(const std::string& text) {
  UniqueFd fd(::memfd_create("input", MFD_CLOEXEC));
  if (!fd) ThrowErrno("Failed to make a file in memory");
  WriteAll(fd, text);
  if (::lseek(fd.Get(), 0, SEEK_SET) < 0) ThrowErrno("Failed to rewind");
  return fd;
}

// A process inherits limits, so this one takes them for a moment.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(bool none_at_all) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const struct rlimit limit = {none_at_all ? 0 : before_.rlim_cur, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  struct rlimit before_ = {};
};

pid_t Start(FdRef input, Way way) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.Get(), 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const char* const words[] = {"sendmail", way == Way::Smtp ? "-bs" : "-i",
                               way == Way::Smtp ? nullptr : "friend@remote.example", nullptr};
  const FileSizeLimit limit(way == Way::Socket);  // keeps it from writing to drop/
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, "/usr/sbin/sendmail", &actions, nullptr, const_cast<char* const*>(words), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error) throw MakeErrno(error, "Failed to run", "sendmail");
  return pid;
}

int WaitForStatus(pid_t pid) {
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) ThrowErrno("Failed to wait for sendmail");
  return status;
}

// Without the names that this machine has had.
std::size_t EntriesOf(const char* folder) {
  const std::filesystem::directory_iterator all(std::filesystem::path(MAILQUEUE_SPOOLDIR) / folder);
  return static_cast<std::size_t>(std::count_if(
      begin(all), end(all), [](const auto& entry) { return entry.path().filename() != ".names"; }));
}

}  // namespace

class Killed : public SystemTest {
 protected:
  static void SetUpTestSuite() {
    const struct rlimit none = {0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
  }

  // How long a sendmail takes that is let live: the median, as the first one also starts the queue.
  Clock::duration Measure(Way way) {
    std::array<Clock::duration, 9> times;
    for (auto& time : times) {
      const auto start = Clock::now();
      const auto input = MakeFile(InputOf(1, way));
      EXPECT_EQ(WaitForStatus(Start(input, way)), 0);
      time = Clock::now() - start;
    }
    std::ranges::nth_element(times, times.begin() + times.size() / 2);
    return times[times.size() / 2];
  }

  // Kills one somewhere between its first and its last moment.
  void KillOne(unsigned number) {
    const auto way = static_cast<Way>(number % kWays);
    const auto input = MakeFile(InputOf(number, way));
    const int signal = kSignals[random() % std::size(kSignals)];
    const auto whole = lasts[way] * (number % 7 == 0 ? 3 : 1);
    const auto until =
        Clock::now() + std::chrono::nanoseconds(random() % static_cast<unsigned long>(whole.count()));
    const pid_t pid = Start(input, way);
    while (Clock::now() < until) continue;  // a sleep takes longer than a sendmail
    ::kill(pid, signal);
    const int status = WaitForStatus(pid);
    if (status == 0 && way != Way::Smtp) accepted.insert(number);
    if (WIFSIGNALED(status)) ++killed;
  }

  Receiver receiver;
  const Configuration configuration{RelayTo("smtp+notls://" + receiver.At())};
  std::mt19937 random{42};
  std::map<Way, Clock::duration> lasts;
  std::set<unsigned> accepted;
  unsigned killed = 0;
};

TEST_F(Killed, LeavesAWholeMessageOrNothing) {
  const char* const wanted = std::getenv("KILLS");
  const unsigned kills = wanted ? ParseNumber<unsigned>(wanted).value_or(0) : kUsualKills;
  ASSERT_GT(kills, 0U);
  for (const auto way : {Way::Drop, Way::Socket, Way::Smtp}) lasts[way] = Measure(way);
  unsigned number = 2;
  for (; killed < kills; ++number) KillOne(number);

  ASSERT_TRUE(WaitUntil(IsQueueEmpty, std::chrono::seconds(60 + kills / 20))) << DescribeQueue();
  std::map<std::string, unsigned> arrived;
  for (const auto& received : receiver.All()) {
    const auto letter = received.Content();
    const auto subject = letter.Field("Subject");
    const auto known = ParseNumber<unsigned>(subject);
    ASSERT_TRUE(known) << letter.head;
    EXPECT_EQ(letter.body, BodyOf(*known)) << subject;
    EXPECT_TRUE(++arrived[subject] == 1 || *known == 1) << subject << " arrived twice";
  }
  for (const auto one : accepted) EXPECT_EQ(arrived.count(std::to_string(one)), 1U) << one << " is lost";
  for (const char* folder : {"drop", "queue", "corrupt"}) EXPECT_EQ(EntriesOf(folder), 0U) << folder;
  fmt::print("{} started, {} killed, {} had exited with 0, {} arrived\n", number - 2, killed, accepted.size(),
             arrived.size() - 1);
}
