// SPDX-License-Identifier: BSD-2-Clause
#include "run.hxx"

#include "base/fd.hxx"
#include "match.hxx"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <stdexcept>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kDeadline(20);

struct Pipe {
  UniqueFd read;
  UniqueFd write;

  Pipe() {
    std::array<int, 2> fds{};
    if (::pipe2(fds.data(), O_CLOEXEC) < 0) throw std::runtime_error("pipe2 failed");
    read = UniqueFd(fds[0]);
    write = UniqueFd(fds[1]);
  }
};

// Runs in the child, between fork and exec.
void ApplyConditions(const Case& c) {
  ::signal(SIGPIPE, SIG_DFL);
  if (c.Has("sigchld")) ::signal(SIGCHLD, SIG_IGN);
  if (c.Has("umask777")) ::umask(0777);
  if (c.Has("close0")) ::close(0);
  if (c.Has("close1")) ::close(1);
  if (c.Has("close2")) ::close(2);
  if (c.Has("nofile16")) {
    const rlimit limit = {16, 16};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (c.Has("rmcwd")) {
    char directory[] = "/tmp/mailqueue-cwd-XXXXXX";
    if (!::mkdtemp(directory) || ::chdir(directory) < 0 || ::rmdir(directory) < 0) ::_exit(126);
  }
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

class Child {
 public:
  Child(const Case& c, const Launch& launch) {
    std::vector<std::string> words = {c.program};
    words.insert(words.end(), c.arguments.begin(), c.arguments.end());
    std::vector<std::string> environment = launch.environment;
    environment.insert(environment.end(), c.environment.begin(), c.environment.end());
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) Exec(c, launch, Pointers(words), Pointers(environment));
    in_.read.Close();
    out_.write.Close();
    err_.write.Close();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) ::kill(pid_, SIGKILL), ::waitpid(pid_, nullptr, 0);
  }

  // Gives up where the child has closed its side.
  void Write(std::string_view text) {
    while (!text.empty()) {
      struct pollfd fds[] = {{in_.write.Get(), POLLOUT, 0}};
      ::poll(fds, 1, Remaining());
      const ssize_t n = ::write(in_.write.Get(), text.data(), text.size());
      if (n < 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void CloseInput() { in_.write.Close(); }

  void Signal(int number) { ::kill(pid_, number); }

  // Until it sleeps in read(2) of its standard input.
  void WaitUntilReading() {
    const auto path = "/proc/" + std::to_string(pid_) + "/syscall";
    while (Clock::now() < deadline_) {
      std::string number, fd;
      if (std::ifstream(path) >> number >> fd && number == "0" && fd == "0x0") return;
      ::sched_yield();
    }
  }

  // Reads standard output until it matches.
  bool Await(const std::string& pattern) {
    while (!Matches(unanswered_, pattern))
      if (!ReadSome()) return false;
    unanswered_.clear();
    return true;
  }

  Run Finish() {
    while (ReadSome()) {
    }
    Run run;
    int status = 0;
    if (out_.read || err_.read) {  // the deadline has passed
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, &status, 0);
    } else {
      ::waitpid(pid_, &status, 0);
      run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    pid_ = -1;
    run.out = all_out_;
    run.err = all_err_;
    return run;
  }

 private:
  [[noreturn]] void Exec(const Case& c, const Launch& launch, std::vector<char*> words,
                         std::vector<char*> environment) {
    ::dup2(in_.read.Get(), 0);
    ::dup2(out_.write.Get(), 1);
    ::dup2(err_.write.Get(), 2);
    if (launch.become_user) launch.become_user();
    ApplyConditions(c);
    ::execve(launch.path.c_str(), words.data(), environment.data());
    ::_exit(127);
  }

  int Remaining() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
  }

  bool ReadSome() {
    struct pollfd fds[] = {{out_.read.Get(), POLLIN, 0}, {err_.read.Get(), POLLIN, 0}};
    if ((!out_.read && !err_.read) || ::poll(fds, 2, Remaining()) <= 0) return false;
    if (fds[0].revents) Drain(out_.read, all_out_, &unanswered_);
    if (fds[1].revents) Drain(err_.read, all_err_, nullptr);
    return true;
  }

  static void Drain(UniqueFd& fd, std::string& all, std::string* also) {
    std::array<char, 4096> buffer;
    const ssize_t n = ::read(fd.Get(), buffer.data(), buffer.size());
    if (n <= 0) {
      fd.Close();
      return;
    }
    all.append(buffer.data(), static_cast<std::size_t>(n));
    if (also) also->append(buffer.data(), static_cast<std::size_t>(n));
  }

  Pipe in_, out_, err_;
  pid_t pid_ = -1;
  Clock::time_point deadline_ = Clock::now() + kDeadline;
  std::string all_out_, all_err_, unanswered_;
};

void Converse(Child& child, const Case& c) {
  for (const auto& exchange : c.dialog) {
    child.Write(exchange.send);
    if (exchange.await != "none" && !child.Await(exchange.await)) return;
  }
}

void Feed(Child& child, const Case& c) {
  if (c.Has("slow"))
    for (const char octet : c.input) child.Write({&octet, 1});
  else
    child.Write(c.input);
  for (const auto& [name, number] : {std::pair("kill15", SIGTERM), {"kill2", SIGINT}, {"kill1", SIGHUP}}) {
    if (!c.Has(name)) continue;
    child.WaitUntilReading();
    child.Signal(number);
  }
}

}  // namespace

Run RunCase(const Case& c, const Launch& launch) {
  ::signal(SIGPIPE, SIG_IGN);
  Child child(c, launch);
  if (c.dialog.empty())
    Feed(child, c);
  else
    Converse(child, c);
  const bool killed = c.Has("kill15") || c.Has("kill2") || c.Has("kill1");
  if (!c.Has("stdin_open") && !killed) child.CloseInput();
  return child.Finish();
}
