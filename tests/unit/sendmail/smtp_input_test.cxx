// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/smtp_input.hxx"

#include "base/file.hxx"
#include "submit/refusal.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>

namespace {

using Status = SmtpInput::Status;

// A descriptor from which each piece is read on its own.
UniqueFd Pieces(const std::vector<std::string>& pieces) {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) return {};
  UniqueFd in(fds[0]);
  const UniqueFd out(fds[1]);
  for (const auto& piece : pieces)
    if (!piece.empty()) WriteAll(out, piece);
  return in;
}

struct Outcome {
  bool whole = true;  // the message was ended by its dot
  std::string message;
  std::string next;  // the line behind it

  bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << (outcome.whole ? "whole " : "cut ") << testing::PrintToString(outcome.message) << " then "
       << testing::PrintToString(outcome.next);
}

// Reads the line "DATA" with its end, the message, and one line more.
Outcome ReadMessage(const std::vector<std::string>& pieces) {
  const auto fd = Pieces(pieces);
  SmtpInput input(fd);
  std::string line;
  EXPECT_EQ(input.ReadLine(line, 100), Status::Line);
  EXPECT_EQ(line, "DATA");
  SmtpDataSource source(input);
  Outcome outcome;
  try {
    for (auto text = source.Next(); !text.empty(); text = source.Next()) outcome.message += text;
  } catch (const submit::Refusal&) {
    outcome.whole = false;
  }
  EXPECT_EQ(source.SkipRest(), outcome.whole);
  if (input.ReadLine(line, 100) == Status::Line) outcome.next = line;
  return outcome;
}

TEST(SmtpDataSource, EndsAtTheDotHoweverTheOctetsArrive) {
  const std::pair<std::string, Outcome> cases[] = {
      {"DATA\r\na\r\n.\r\nQUIT\r\n", {true, "a\n", "QUIT"}},
      {"DATA\r\n.\r\nQUIT\r\n", {true, "", "QUIT"}},
      {"DATA\r\na\r\n..\r\n..x\r\n...\r\n.\r\nQ\r\n", {true, "a\n.\n.x\n..\n", "Q"}},
      {"DATA\na\n..b\n.\nQ\n", {true, "a\n.b\n", "Q"}},
      {"DATA\na\n.\r\nQ\n", {true, "a\n", "Q"}},
      {"DATA\r\na\rb\r\r\n.\r\nQ\r\n", {true, "a\rb\r\n", "Q"}},
      {"DATA\r\na\r\n.\rb\r\n.\r\nQ\r\n", {true, "a\n\rb\n", "Q"}},
      // A dot between line ends that this client does not write is text: RFC 5321 section 2.3.8.
      {"DATA\r\na\n.\nMAIL FROM:<x>\r\n.\r\nQ\r\n", {true, "a\n.\nMAIL FROM:<x>\n", "Q"}},
      {"DATA\r\na\n.\r\nMAIL FROM:<x>\r\n.\r\nQ\r\n", {true, "a\n.\nMAIL FROM:<x>\n", "Q"}},
      {"DATA\r\na\r\n.\nMAIL FROM:<x>\r\n.\r\nQ\r\n", {true, "a\n\nMAIL FROM:<x>\n", "Q"}},
      {"DATA\r\na\r\n", {false, "a\n", ""}},
      {"DATA\r\na\r\n.", {false, "a\n", ""}},
      {"DATA\r\na\r\n.\r", {false, "a\n", ""}},
      {"DATA\r\n", {false, "", ""}},
  };
  for (const auto& [in, outcome] : cases) {
    SCOPED_TRACE(testing::PrintToString(in));
    for (std::size_t at = 0; at <= in.size(); ++at)
      EXPECT_EQ(ReadMessage({in.substr(0, at), in.substr(at)}), outcome) << at;
  }
}

TEST(SmtpInput, ReadsLines) {
  const auto fd = Pieces({"one\r\ntw", "o\nthr\ree\r\n\r\nunfinished"});
  SmtpInput input(fd);
  std::string line;
  for (const char* wanted : {"one", "two", "thr\ree", ""}) {
    EXPECT_EQ(input.ReadLine(line, 10), Status::Line);
    EXPECT_EQ(line, wanted);
  }
  EXPECT_EQ(input.ReadLine(line, 10), Status::End);
}

TEST(SmtpInput, PassesOverALongLine) {
  const auto fd = Pieces({std::string(50000, 'x'), "x\r\nnext\r\n"});
  SmtpInput input(fd);
  std::string line;
  EXPECT_EQ(input.ReadLine(line, 1000), Status::TooLong);
  EXPECT_EQ(input.ReadLine(line, 1000), Status::Line);
  EXPECT_EQ(line, "next");
}

}  // namespace
