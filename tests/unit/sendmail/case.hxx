// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

/// A call of sendmail and what must come of it; cases.txt describes the members.
struct Case {
  struct Exchange {
    std::string send;
    std::string await;
  };

  std::string id;
  std::string title;
  std::string priority;
  std::string user;
  std::string program = "sendmail";
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string input;
  std::vector<Exchange> dialog;
  std::vector<std::string> conditions;

  std::string exit;
  std::string sender;
  std::vector<std::string> recipients;
  std::vector<std::string> parameters;
  std::vector<std::string> headers;
  bool checks_body = false;
  std::string body;
  std::string out;  ///< of standard output: "silent", a regular expression, or empty for whatever it is
  std::string err;
  std::vector<std::string> absent;

  [[nodiscard]] bool Has(const std::string& condition) const;
};

/// What GoogleTest shows of a case.
void PrintTo(const Case& c, std::ostream* out);

/// Reads cases.txt, which is part of the program: a test runs where the source is not.
/// @param mail_name stands for {M}
/// Throws std::runtime_error for a line that is no part of a case.
[[nodiscard]] std::vector<Case> LoadCases(const std::string& mail_name);
