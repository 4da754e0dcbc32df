// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>

/// Runs @p step in a process of its own that is killed at a system call.
/// @param stop counts from 1 the places where it may die: before and after each system call
/// @param signals are passed before counting begins: where the step becomes another program, one for that,
/// and one for each that it raises itself
/// @return false if it was killed there; true if it had ended before, so that there is no such place
inline bool EndsBeforeKilledAt(unsigned stop, const std::function<void()>& step, unsigned signals = 0) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    try {
      step();
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  for (; signals > 0; --signals) {
    ::ptrace(PTRACE_CONT, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) throw std::runtime_error("the step ended before its signals");
  }
  for (unsigned i = 0; i < stop; ++i) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (WIFSTOPPED(status)) continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("the step failed by itself");
    return true;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return false;
}

/// Calls @p attempt(1), @p attempt(2), … until it says that there was no such place to die.
/// @return how many there were
inline unsigned ForEachPlaceToDie(const std::function<bool(unsigned)>& attempt) {
  unsigned stop = 1;
  while (!attempt(stop)) ++stop;
  return stop - 1;
}
