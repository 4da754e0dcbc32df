// SPDX-License-Identifier: BSD-2-Clause
#include "process.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "deadline.hxx"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <spawn.h>
#include <stdexcept>

namespace machine {

namespace {

constexpr std::size_t kPipe = 1 << 20;  // the largest input

UniqueFd MakeMemory() {
  UniqueFd fd(::memfd_create("output", MFD_CLOEXEC));
  if (!fd) ThrowErrno("Failed to make a file in memory");
  return fd;
}

std::string ContentOf(FdRef memory) {
  const UniqueFd fd(::open(fmt::format("/proc/self/fd/{}", memory.Get()).c_str(), O_RDONLY | O_CLOEXEC));
  return ReadAll(fd, 1 << 28);
}

// The reading end of a pipe that has all of the input in it and no writer.
UniqueFd MakeInput(const std::string& text) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) ThrowErrno("Failed to make a pipe");
  UniqueFd in(ends[0]);
  const UniqueFd out(ends[1]);
  if (text.size() > 65536 && ::fcntl(out.Get(), F_SETPIPE_SZ, kPipe) < 0)
    ThrowErrno("Failed to enlarge a pipe");
  if (text.size() > kPipe) throw std::runtime_error("The input of a command is too large");
  WriteAll(out, text);
  return in;
}

std::vector<std::string> WordsOf(const Command& command) {
  if (command.user == "root") return command.words;
  std::vector<std::string> words = {"setpriv",       "--reuid=" + command.user, "--regid=" + command.user,
                                    "--init-groups", "--inh-caps=-all",         "--"};
  words.insert(words.end(), command.words.begin(), command.words.end());
  return words;
}

std::vector<char*> PointersTo(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t Spawn(const Command& command, FdRef in, FdRef out, FdRef err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.Get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.Get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, err.Get(), 2);
  ::posix_spawn_file_actions_addchdir_np(&actions, "/");
  auto words = WordsOf(command);
  std::vector<std::string> environment = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
      "USER=" + command.user, "LOGNAME=" + command.user,
      "HOME=" + (command.user == "root" ? "/root" : "/home/" + command.user)};
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, words[0].c_str(), &actions, nullptr, PointersTo(words).data(),
                                   PointersTo(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error) throw MakeErrno(error, "Failed to run", words[0]);
  return pid;
}

// glibc 2.36 declares pidfd_open(2) for C only.
UniqueFd OpenProcess(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool WaitForEnd(FdRef process, const Deadline& deadline) {
  pollfd ended{process.Get(), POLLIN, 0};
  int n;
  do n = ::poll(&ended, 1, deadline.Milliseconds());
  while (n < 0 && errno == EINTR);
  return n > 0;
}

std::string NameOf(const std::filesystem::path& process) {
  std::error_code gone;
  const auto program = std::filesystem::read_symlink(process / "exe", gone).filename().string();
  return program.substr(0, program.find(' '));  // "… (deleted)" after an upgrade
}

}  // namespace

Child::Child(const Command& command) : command_(command), out_(MakeMemory()), err_(MakeMemory()) {
  pid_ = Spawn(command_, MakeInput(command_.input), out_, err_);
  process_ = OpenProcess(pid_);
  if (!process_) ThrowErrno("Failed to open the process of", command_.words[0]);
}

Child::~Child() {
  if (!process_) return;
  Kill(SIGKILL);
  (void)Reap();
}

void Child::Kill(int signal) const {
  if (process_) ::kill(pid_, signal);  // not reaped, so the number is still its own
}

Ended Child::Reap() {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) < 0 && errno == EINTR) continue;
  process_.Close();
  return {info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status, ContentOf(out_),
          ContentOf(err_)};
}

Ended Child::Wait() {
  if (!WaitForEnd(process_, Deadline(command_.limit)))
    throw std::runtime_error(
        fmt::format("{} has not ended within {} s", command_.words[0], command_.limit.count()));
  return Reap();
}

std::string Child::Output() const {
  return ContentOf(out_);
}

Ended Execute(const Command& command) {
  return Child(command).Wait();
}

std::string Check(const std::vector<std::string>& words) {
  const auto ended = Execute({.words = words});
  if (ended.status)
    throw std::runtime_error(
        fmt::format("{}: exit status {}\n{}{}", fmt::join(words, " "), ended.status, ended.out, ended.err));
  return ended.out;
}

std::vector<Process> MailqueueProcesses() {
  std::vector<Process> processes;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto pid = ParseNumber<pid_t>(entry.path().filename().string());
    if (!pid) continue;
    const auto name = NameOf(entry.path());
    if (name.starts_with("mailqueue-") && name != "mailqueue-sink") processes.push_back({*pid, name});
  }
  return processes;
}

bool WaitForOnly(const std::vector<std::string>& names, std::chrono::seconds limit) {
  const Deadline deadline(limit);
  for (;;) {
    auto processes = MailqueueProcesses();
    std::erase_if(processes,
                  [&](const auto& process) { return std::ranges::find(names, process.name) != names.end(); });
    if (processes.empty()) return true;
    const UniqueFd process = OpenProcess(processes[0].pid);
    if (process && !WaitForEnd(process, deadline)) return false;
  }
}

}  // namespace machine
