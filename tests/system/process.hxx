// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace machine {

/// What to run, and as whom.
struct Command {
  std::vector<std::string> words{};  ///< the program is looked for in PATH
  std::string user = "root";
  std::string input{};             ///< on standard input, through a pipe
  std::chrono::seconds limit{60};  ///< then it has failed
};

/// How a program ended.
struct Ended {
  int status = 0;  ///< the exit status, or 128 and the signal
  std::string out;
  std::string err;
};

/// A program that runs with a small environment and "/" as its directory. The destructor kills it if it still
/// runs.
class Child {
 public:
  /// Throws std::system_error.
  explicit Child(const Command& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Throws std::runtime_error if it does not end within Command::limit.
  [[nodiscard]] Ended Wait();
  void Kill(int signal) const;
  [[nodiscard]] pid_t Pid() const noexcept { return pid_; }
  /// What it has written on standard output so far.
  [[nodiscard]] std::string Output() const;

 private:
  [[nodiscard]] Ended Reap();

  Command command_;
  UniqueFd out_;
  UniqueFd err_;
  UniqueFd process_;  ///< pidfd; empty once reaped
  pid_t pid_ = -1;
};

/// Runs a program to its end. Throws like Child.
[[nodiscard]] Ended Execute(const Command& command);

/// Runs as root and returns standard output. Throws std::runtime_error if the exit status is not 0.
std::string Check(const std::vector<std::string>& words);

/// A process of the product.
struct Process {
  pid_t pid = 0;
  std::string name;  ///< the program's file name, "mailqueue-runner"
};

/// Those that run now; the receiving server of the tests is none.
[[nodiscard]] std::vector<Process> MailqueueProcesses();

/// Waits until no process of the product is left but those named.
/// @return false if the time was not enough
[[nodiscard]] bool WaitForOnly(const std::vector<std::string>& names, std::chrono::seconds limit);

}  // namespace machine
