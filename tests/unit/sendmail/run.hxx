// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "case.hxx"

#include <functional>
#include <string>
#include <vector>

/// How a program ended and what it said.
struct Run {
  int status = -1;  ///< exit status; 128 + the signal that killed it; -1: it had to be killed at the deadline
  std::string out;
  std::string err;
};

/// What a case is run with.
struct Launch {
  std::string path;                      ///< of the program
  std::vector<std::string> environment;  ///< NAME=VALUE, before the case's own
  std::function<void()> become_user;     ///< in the child, last before exec; may be empty
};

/// Runs the program with the case's input and under its conditions, and waits for its end.
/// Conditions that need privileges (nnp, ro, netns) are @p launch's.
[[nodiscard]] Run RunCase(const Case& c, const Launch& launch);
