// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sysexits.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The request of a call of sendmail.
enum class Mode {
  Submit,      ///< -bm
  SmtpServer,  ///< -bs
  Verify,      ///< -bv
  ListQueue,   ///< -bp, mailq
  Flush,       ///< -q, -qI
  Newaliases,  ///< -bi, -I, newaliases
  Help,        ///< --help
  Version,     ///< --version
};

struct Options {
  Mode mode = Mode::Submit;
  std::optional<std::string> sender;  ///< -f, -r; "" and "<>" are the null sender
  std::string full_name;              ///< -F, up to submit::kMaxFullName
  bool header_recipients = false;     ///< -t
  bool ignore_dots = false;           ///< -i
  std::string body;                   ///< -B: "8BITMIME", "7BIT" or empty
  std::string notify;                 ///< -N as RFC 3461 writes it: "NEVER", "FAILURE,DELAY" …
  std::string ret;                    ///< -R: "FULL", "HDRS" or empty
  std::string envid;                  ///< -V
  bool require_tls = false;           ///< -O RequireTls
  std::string flush_id;               ///< -qI: the message to make due; empty: all
  std::vector<std::string> operands;
};

/// Why a command line is refused.
struct UsageError {
  int status = EX_USAGE;  ///< of sysexits(3)
  std::string text;
};

/// Reads a command line as callers of thirty years write it: letters that may share a word, an argument
/// attached or in the next word. What only other programs have a use for is accepted without effect,
/// its argument passed over; sendmail(8) lists all of it.
/// @param name as the program was called, with or without a path: sendmail, mailq, newaliases
[[nodiscard]] std::variant<Options, UsageError> ParseCommandLine(std::string_view name,
                                                                 std::span<const std::string> arguments);
