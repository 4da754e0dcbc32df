// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "process.hxx"

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace machine {

/// A system call of a program that does not do what it is asked.
struct Fault {
  std::string program;  ///< "runner" for mailqueue-runner; "sendmail"
  std::string call;
  std::string error;     ///< the name of an errno, or "0" for a call that says it has done nothing
  std::string when;      ///< which of its calls, as strace(1) has it: "1", "2+3", "1+"
  std::string path{};    ///< only calls that are about this file, or go by way of this directory; empty: all
  std::string beside{};  ///< another call, which always says EIO meanwhile; empty: none does

  /// It goes by itself when it has been met.
  [[nodiscard]] bool IsSingle() const noexcept { return when.find('+') == when.npos && beside.empty(); }
};

/// "runner_openat_EMFILE_always_in_drop", for the name of a test.
[[nodiscard]] std::string NameOf(const Fault& fault);

/// For GoogleTest.
inline void PrintTo(const Fault& fault, std::ostream* stream) {
  *stream << NameOf(fault);
}

/// Words that run a program with a fault, as @p user. Injections() then says how often it was met.
[[nodiscard]] std::vector<std::string> WithFault(const Fault& fault, const std::string& user,
                                                 const std::vector<std::string>& words);

/// How often the last fault was met.
[[nodiscard]] std::size_t Injections();
/// @return false if it is not met soon
[[nodiscard]] bool WaitForInjection();

/// A fault of a process that runs, for as long as this lives.
class Injection {
 public:
  /// Returns when the process is traced, or has ended; then IsTracing() is false.
  Injection(const Fault& fault, pid_t process);
  /// Returns when it is no longer traced.
  ~Injection();
  Injection(const Injection&) = delete;
  Injection& operator=(const Injection&) = delete;

  [[nodiscard]] bool IsTracing() const noexcept { return tracing_; }

 private:
  std::unique_ptr<Child> tracer_;
  bool tracing_ = false;
};

}  // namespace machine
