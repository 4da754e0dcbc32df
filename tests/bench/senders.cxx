// SPDX-License-Identifier: BSD-2-Clause
#include "senders.hxx"

#include "base/error.hxx"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <spawn.h>
#include <stdexcept>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> CommandOf(const Plan& plan, std::size_t call) {
  auto words = plan.command;
  for (auto& word : words)
    if (const auto at = word.find("{}"); at != word.npos) word.replace(at, 2, std::to_string(call));
  return words;
}

class Senders {
 public:
  explicit Senders(const Plan& plan) : plan_(plan) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, 0, plan.input.c_str(), O_RDONLY, 0);
  }
  Senders(const Senders&) = delete;
  Senders& operator=(const Senders&) = delete;
  ~Senders() { ::posix_spawn_file_actions_destroy(&actions_); }

  /// @param call its number
  void Start(std::size_t call) {
    auto command = CommandOf(plan_, call);
    std::vector<char*> words;
    for (auto& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    pid_t pid = -1;
    const auto now = Clock::now();
    const int error = ::posix_spawn(&pid, words[0], &actions_, nullptr, words.data(), environ);
    if (error != 0) throw MakeErrno(error, "Failed to run", plan_.command[0]);
    running_.emplace(pid, now);
  }

  [[nodiscard]] Duration AwaitOne() {
    int status = 0;
    const pid_t pid = ::wait(&status);
    if (pid < 0) ThrowErrno("Failed to wait");
    if (status != 0) throw std::runtime_error(plan_.command[0] + " failed");
    const auto sender = running_.extract(pid);
    return Clock::now() - sender.mapped();
  }

  [[nodiscard]] std::size_t Running() const noexcept { return running_.size(); }

 private:
  const Plan& plan_;
  posix_spawn_file_actions_t actions_{};
  std::map<pid_t, Clock::time_point> running_;
};

}  // namespace

Measured Run(const Plan& plan) {
  Senders senders(plan);
  Measured measured;
  const auto begin = Clock::now();
  for (std::size_t started = 0; measured.calls.size() < plan.calls;) {
    for (; started < plan.calls && senders.Running() < plan.processes; ++started) senders.Start(started + 1);
    measured.calls.push_back(senders.AwaitOne());
  }
  measured.total = Clock::now() - begin;
  std::ranges::sort(measured.calls);
  return measured;
}

}  // namespace bench
