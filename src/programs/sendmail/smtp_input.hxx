// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "submit/source.hxx"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

/// The input of an SMTP client: lines of commands with messages between them, of which each may have come in
/// the same read(2).
class SmtpInput {
 public:
  explicit SmtpInput(FdRef fd) noexcept : fd_(fd) {}

  enum class Status { Line, TooLong, End };

  /// Reads one command.
  /// @param line gets it without its end, valid until the next call
  /// @param limit octets; a longer line is read to its end and lost
  [[nodiscard]] Status ReadLine(std::string& line, std::size_t limit);

  /// Whether the last line ended in CR LF rather than LF.
  [[nodiscard]] bool EndedInCrLf() const noexcept { return crlf_; }

  /// The octets that were read and not taken; reads more if there are none. Empty at the end of the file.
  /// Throws submit::Refusal if it can't be read.
  [[nodiscard]] std::string_view Peek();
  void Take(std::size_t size) noexcept { begin_ += size; }

 private:
  FdRef fd_;
  bool crlf_ = false;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, 64 * 1024> buffer_;
};

/// The message behind DATA: ends at the line of a single dot, the dot that stuffs others removed (RFC 5321
/// section 4.5.2).
///
/// A client whose DATA ended in CR LF must end the message in CR LF "." CR LF; a dot between other line ends
/// is text, or a message could smuggle in commands of its own past a client that only looks for CR LF. One
/// that writes LF (LSB allows it) ends it so. An end of the file before that is a Refusal: nothing of it may
/// be sent.
class SmtpDataSource final : public submit::MessageSource {
 public:
  explicit SmtpDataSource(SmtpInput& input) noexcept : input_(input), strict_(input.EndedInCrLf()) {}

  [[nodiscard]] std::string_view Next() override;
  /// Reads on to the dot, after a message that was refused half-way. False: the file has ended first.
  [[nodiscard]] bool SkipRest();

 private:
  enum class State { LineStart, Dot, DotCr, Text, Cr };

  [[nodiscard]] bool Fill();
  void OnOctet(char c);
  void OnText(char c);

  SmtpInput& input_;
  bool strict_;
  bool ended_ = false;
  State state_ = State::LineStart;
  std::string text_;
};
