// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/smtp_input.hxx"

#include "base/file.hxx"
#include "submit/refusal.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>

namespace {

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

std::string ReadMessage(SmtpDataSource& source) {
  std::string message;
  for (auto text = source.Next(); !text.empty(); text = source.Next()) message += text;
  return message;
}

TEST(SmtpInput, HasWhatWasNotTaken) {
  const auto fd = Pieces({"one", "two"});
  SmtpInput input(fd);
  EXPECT_EQ(input.Peek(), "one");
  input.Take(2);
  EXPECT_EQ(input.Peek(), "e");
  input.Take(1);
  EXPECT_EQ(input.Peek(), "two");
  input.Take(3);
  EXPECT_EQ(input.Peek(), "");
}

TEST(SmtpDataSource, LeavesWhatFollowsTheMessage) {
  const auto fd = Pieces({"a\r\n", "..b\r\n.\r", "\nQUIT\r\n"});
  SmtpInput input(fd);
  SmtpDataSource source(input, true);
  EXPECT_EQ(ReadMessage(source), "a\n.b\n");
  EXPECT_TRUE(source.SkipRest());
  EXPECT_EQ(input.Peek(), "QUIT\r\n");
}

TEST(SmtpDataSource, RefusesAMessageWithoutItsEnd) {
  for (const char* text : {"a\r\n", "a\r\n.", "a\r\n.\r", ""}) {
    const auto fd = Pieces({text});
    SmtpInput input(fd);
    SmtpDataSource source(input, true);
    EXPECT_THROW((void)ReadMessage(source), submit::Refusal) << text;
    EXPECT_FALSE(source.SkipRest()) << text;
  }
}

TEST(SmtpDataSource, SkipsTheRestOfARefusedMessage) {
  const auto fd = Pieces({"a\n", "b\n", ".\nQUIT\n"});
  SmtpInput input(fd);
  SmtpDataSource source(input, false);
  EXPECT_EQ(source.Next(), "a\n");
  EXPECT_TRUE(source.SkipRest());
  EXPECT_EQ(input.Peek(), "QUIT\n");
}

}  // namespace
