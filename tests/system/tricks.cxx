// SPDX-License-Identifier: BSD-2-Clause
#include "tricks.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/user.hxx"
#include "drop_text.hxx"
#include "paths.h"
#include "process.hxx"
#include "spool/drop_format.hxx"

#include <fmt/format.h>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <filesystem>

namespace machine {

namespace {

constexpr int kDrops = 20000;
constexpr int kDropsOfManyRecipients = 40;
constexpr int kRecipients = 10000;
constexpr int kSparseDrops = 3;
constexpr int kConnections = 200;
constexpr int kCallers = 4;
constexpr int kPace = 20;  // milliseconds between two looks

[[noreturn]] void WaitForTheEnd() {
  for (;;) ::pause();
}

void Pace() {
  ::poll(nullptr, 0, kPace);
}

// As somebody who does without sendmail; @p hole octets in the message that the disk does not have.
void Drop(const std::vector<std::string>& recipients, std::uint64_t hole = 0) {
  const auto id = MakeQueueId();
  const auto name = DropDirectory() + "/." + id;
  auto text = MakeDrop(id, "a trick", recipients);
  {
    const UniqueFd file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
    if (!file) return Pace();  // there is no room for more
    if (hole) {
      auto head = spool::DropHead::Parse(text.substr(0, spool::kDropHeadSize)).value();
      head.message_size = hole;
      text.replace(0, spool::kDropHeadSize, head.ToText());
    }
    WriteAll(file, text);
    if (hole) (void)::ftruncate(file.Get(), static_cast<off_t>(text.size() + hole));
  }
  (void)::rename(name.c_str(), (DropDirectory() + "/" + id).c_str());
}

void DropMany() {
  for (int i = 0; i < kDrops; ++i) Drop({"alice"});
  WaitForTheEnd();
}

void DropToMany() {
  std::vector<std::string> recipients;
  for (int i = 0; i < kRecipients; ++i) recipients.push_back(fmt::format("alice+{}", i));
  for (int i = 0; i < kDropsOfManyRecipients; ++i) Drop(recipients);
  WaitForTheEnd();
}

void DropToDeadDomains() {
  std::vector<std::string> recipients;
  for (int i = 0; i < 3000; ++i) recipients.push_back(fmt::format("somebody@d{}.dead.example", i));
  Drop(recipients);
  WaitForTheEnd();
}

void DropHoles() {
  for (int i = 0; i < kSparseDrops; ++i) Drop({"alice"}, spool::kMaxMessageSize - 1'000'000);
  WaitForTheEnd();
}

void DropGarbage() {
  const auto prefix = DropDirectory() + "/" + std::string(200, 'g');
  for (int i = 0; i < 1000; ++i) {
    (void)::mkfifo(fmt::format("{}-fifo-{}", prefix, i).c_str(), 0666);
    (void)::mkdir(fmt::format("{}-folder-{}", prefix, i).c_str(), 0777);
    (void)::symlink("/dev/zero", fmt::format("{}-link-{}", prefix, i).c_str());
    for (int j = 0; j < 5; ++j)
      UniqueFd(::open(fmt::format("{}-{}-{}", prefix, i, j).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }
  WaitForTheEnd();
}

// A few octets, and never the rest; again where the other side has hung up.
void Stream() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "{}/submit", MAILQUEUE_RUNDIR);
  std::vector<pollfd> streams(kConnections, {-1, 0, 0});
  for (;; Pace())
    for (auto& stream : streams) {
      if (stream.fd >= 0 && ::poll(&stream, 1, 0) == 0) continue;
      if (stream.fd >= 0) ::close(stream.fd);
      stream.fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (::connect(stream.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        (void)::send(stream.fd, "mailqueue", 9, MSG_NOSIGNAL);
    }
}

void CallRoute() {
  std::vector<std::string> words = {"busctl",
                                    "--system",
                                    "call",
                                    "org.mailqueue.Queue1",
                                    "/org/mailqueue/Queue1",
                                    "org.mailqueue.Queue1",
                                    "Route",
                                    "sas",
                                    "",
                                    "1000"};
  for (int i = 0; i < 1000; ++i) words.push_back(fmt::format("alice+{}", i));
  for (;;) (void)Execute({.words = words, .limit = std::chrono::seconds(3600)});
}

void StopAgents() {
  for (;; Pace())
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const auto pid = ::atoi(entry.path().filename().c_str());
      if (pid <= 0) continue;
      const UniqueFd name(::open((entry.path() / "comm").c_str(), O_RDONLY | O_CLOEXEC));
      if (name && ReadAll(name, 100).starts_with("mailqueue-")) ::kill(pid, SIGSTOP);
    }
}

void Turn() {
  for (volatile int i = 0;;) i = i + 1;
}

void Become(const User& user) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::setpgid(0, 0) < 0 || ::initgroups(user.name.c_str(), user.gid) < 0 || ::setgid(user.gid) < 0 ||
      ::setuid(user.uid) < 0)
    ThrowErrno("Failed to become", user.name);
  if (::chdir("/") < 0) ThrowErrno("Failed to change to /");
}

// In a process of its own; it never returns to its caller.
[[noreturn]] void Play(const User& user, void (*trick)()) {
  try {
    Become(user);
    trick();
  } catch (const std::exception& error) {
    fmt::print(stderr, "A trick failed: {}\n", error.what());
  }
  ::_exit(1);
}

}  // namespace

Tricks Tricks::All(const std::string& user) {
  std::vector<void (*)()> tricks = {DropMany,    DropToMany, DropToDeadDomains, DropHoles,
                                    DropGarbage, Stream,     StopAgents};
  tricks.insert(tricks.end(), kCallers, CallRoute);
  return {user, tricks};
}

Tricks Tricks::Busy(const std::string& user) {
  return {user, std::vector<void (*)()>(2, Turn)};
}

Tricks::Tricks(const std::string& user, const std::vector<void (*)()>& tricks) {
  const auto player = FindUser(user).value();
  uid_ = player.uid;
  for (const auto trick : tricks) {
    const pid_t pid = ::fork();
    if (pid < 0) ThrowErrno("Failed to fork");
    if (pid == 0) Play(player, trick);
    players_.push_back(pid);
  }
}

Tricks::~Tricks() {
  for (const pid_t player : players_) {
    ::kill(-player, SIGKILL);
    ::kill(player, SIGKILL);
    ::waitpid(player, nullptr, 0);
  }
  // The agents that were stopped, too.
  for (const auto& process : MailqueueProcesses()) ::kill(process.pid, SIGCONT);
}

}  // namespace machine
