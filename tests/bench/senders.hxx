// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

using Duration = std::chrono::duration<double, std::milli>;

struct Plan {
  std::size_t processes = 1;         ///< how many run at a time
  std::size_t calls = 1;             ///< in all
  std::string input;                 ///< a file, the standard input of each call
  std::vector<std::string> command;  ///< "{}" in a word stands for the number of the call, from 1
};

struct Measured {
  Duration total{};
  std::vector<Duration> calls;  ///< from start to exit, shortest first
};

/// Runs the command again and again. Throws std::system_error if it can't be run, std::runtime_error if it
/// fails.
[[nodiscard]] Measured Run(const Plan& plan);

}  // namespace bench
