// SPDX-License-Identifier: BSD-2-Clause
#include "submit/source.hxx"

#include "base/file.hxx"
#include "submit/refusal.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include <thread>

namespace {

using submit::EndOfMessage;

// Writes the pieces so that each is read on its own, and returns what comes out.
std::string ReadInPieces(const std::vector<std::string>& pieces, EndOfMessage end) {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) return "socketpair failed";
  const UniqueFd in(fds[0]);
  UniqueFd out(fds[1]);
  for (const auto& piece : pieces)
    if (!piece.empty()) WriteAll(out, piece);
  out.Close();
  submit::FdSource source(in, end);
  std::string all;
  for (auto text = source.Next(); !text.empty(); text = source.Next()) all += text;
  return all;
}

struct LineCase {
  std::string in;
  std::string out;
};

void CheckEverySplit(const LineCase& c, EndOfMessage end) {
  EXPECT_EQ(ReadInPieces({c.in}, end), c.out);
  std::vector<std::string> octets;
  for (const char octet : c.in) octets.emplace_back(1, octet);
  EXPECT_EQ(ReadInPieces(octets, end), c.out);
  for (std::size_t at = 0; at <= c.in.size(); ++at)
    EXPECT_EQ(ReadInPieces({c.in.substr(0, at), c.in.substr(at)}, end), c.out) << at;
}

TEST(FdSource, EndsLinesInLf) {
  const LineCase cases[] = {
      {"", ""},
      {"a\n", "a\n"},
      {"a", "a\n"},
      {"a\r\nb\nc\r\n", "a\nb\nc\n"},
      {"a\rb\r\n", "a\rb\n"},
      {"a\r\r\nb", "a\r\nb\n"},
      {"a\r", "a\r\n"},
      {"\r\n\r\n", "\n\n"},
      {"\r", "\r\n"},
      {".\n", ".\n"},
      {"a\n.\nb\n", "a\n.\nb\n"},
      {"a\n.", "a\n.\n"},
      {std::string("a\0b\r\n\0", 6), std::string("a\0b\n\0\n", 6)},
      {"\n.\r\nMAIL FROM:<x>\r\n", "\n.\nMAIL FROM:<x>\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.in));
    CheckEverySplit(c, EndOfMessage::EndOfFile);
  }
}

TEST(FdSource, EndsAtALoneDot) {
  const LineCase cases[] = {
      {"", ""},
      {".\n", ""},
      {".", ""},
      {".\r\n", ""},
      {"a\n.\nb\n", "a\n"},
      {"a\r\n.\r\nb\r\n", "a\n"},
      {"a\n.", "a\n"},
      {"a\n..\n.x\n .\n. \nb.\n", "a\n..\n.x\n .\n. \nb.\n"},
      {"a\n.\r", "a\n.\r\n"},
      {"a\n.\rb\n", "a\n.\rb\n"},
      {"a.\n.\n", "a.\n"},
      {"a\n\n.\n.\n", "a\n\n"},
      {"\r\n.\n", "\n"},
      {"a\r.\nb\n", "a\r.\nb\n"},
      {"a\n.b", "a\n.b\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.in));
    CheckEverySplit(c, EndOfMessage::LoneDot);
  }
}

TEST(FdSource, DoesNotReadOnBehindTheLoneDot) {
  int fds[2];
  ASSERT_EQ(::pipe2(fds, O_CLOEXEC), 0);
  const UniqueFd in(fds[0]);
  const UniqueFd out(fds[1]);  // stays open: a second read would block for good
  WriteAll(out, "a\n.\n");
  submit::FdSource source(in, EndOfMessage::LoneDot);
  EXPECT_EQ(source.Next(), "a\n");
  EXPECT_EQ(source.Next(), "");
  EXPECT_EQ(source.Next(), "");
}

TEST(FdSource, TakesMoreThanItsBuffer) {
  std::string text;
  for (int i = 0; i < 40000; ++i) text += "line " + std::to_string(i) + "\r\n" + (i % 7 ? "" : ".x\r\n");
  std::string expected = text;
  expected.resize(submit::RemoveCarriageReturns(expected.data(), expected.size()));
  int fds[2];
  ASSERT_EQ(::pipe2(fds, O_CLOEXEC), 0);
  const UniqueFd in(fds[0]);
  UniqueFd out(fds[1]);
  std::thread writer([&] {
    WriteAll(out, text);
    out.Close();
  });
  submit::FdSource source(in, EndOfMessage::LoneDot);
  std::string all;
  for (auto part = source.Next(); !part.empty(); part = source.Next()) all += part;
  writer.join();
  EXPECT_EQ(all.size(), expected.size());
  EXPECT_TRUE(all == expected);
}

// A file that is all LF but for one line, read from somewhere in the middle on.
TEST(FdSource, TellsWhereUnchangedOctetsStandInAFile) {
  std::string text;
  for (int i = 0; text.size() < 3'000'000; ++i)
    text += "line " + std::to_string(i) + (i == 100'000 ? "\r\n" : "\n");
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const FdRef fd(::fileno(file));
  WriteAll(fd, text + "no end");
  for (const auto end : {EndOfMessage::EndOfFile, EndOfMessage::LoneDot}) {
    ::lseek(fd.Get(), 7, SEEK_SET);
    submit::FdSource source(fd, end);
    unsigned known = 0, unknown = 0;
    for (auto part = source.Next(); !part.empty(); part = source.Next()) {
      const auto origin = source.Origin();
      ++(origin ? known : unknown);
      if (!origin) continue;
      std::string there(part.size(), ' ');
      ASSERT_EQ(::pread(origin->file.Get(), there.data(), there.size(), static_cast<off_t>(origin->offset)),
                static_cast<ssize_t>(there.size()));
      EXPECT_TRUE(there == part) << origin->offset;
    }
    EXPECT_GT(known, 5U);
    EXPECT_EQ(unknown, 2U) << "the line with the CR, and the last one";
  }
  std::fclose(file);
}

TEST(FdSource, RefusesWhatCannotBeRead) {
  submit::FdSource closed(FdRef(-1), EndOfMessage::EndOfFile);
  try {
    (void)closed.Next();
    FAIL();
  } catch (const submit::Refusal& refusal) {
    EXPECT_EQ(refusal.Status(), EX_NOINPUT);
  }
  const UniqueFd directory(::open("/", O_RDONLY | O_CLOEXEC));
  submit::FdSource source(directory, EndOfMessage::EndOfFile);
  try {
    (void)source.Next();
    FAIL();
  } catch (const submit::Refusal& refusal) {
    EXPECT_EQ(refusal.Status(), EX_IOERR);
  }
}

TEST(RemoveCarriageReturns, LeavesBareOnes) {
  const LineCase cases[] = {
      {"", ""}, {"\r", "\r"}, {"\r\r\n\r", "\r\n\r"}, {"a\r\n\r\nb\rc\r\n", "a\n\nb\rc\n"}};
  for (const auto& c : cases) {
    std::string text = c.in;
    text.resize(submit::RemoveCarriageReturns(text.data(), text.size()));
    EXPECT_EQ(text, c.out);
  }
}

}  // namespace
