// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "case.hxx"
#include "run.hxx"

#include <string>
#include <vector>

/// A message as it would reach a relay, however it was caught.
struct Caught {
  std::string sender;                   ///< without angle brackets
  std::vector<std::string> recipients;  ///< qualified, without angle brackets
  std::vector<std::string> parameters;  ///< of MAIL and RCPT
  std::string text;                     ///< header and body, lines ended by LF
};

/// What is wrong with the outcome of a case, one sentence each; nothing if it is as it should be.
[[nodiscard]] std::vector<std::string> CheckCase(const Case& c, const Run& run,
                                                 const std::vector<Caught>& messages);
