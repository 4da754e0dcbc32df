// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/message_text.hxx"

#include "base/file.hxx"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

namespace {

UniqueFd MakeFile(std::string_view content) {
  UniqueFd fd(::memfd_create("message", MFD_CLOEXEC));
  WriteAll(fd, content);
  return fd;
}

relay::MessageText MakeText(FdRef file, std::uint64_t size, std::string_view head = {},
                            const mail::MimePlan* plan = nullptr) {
  return {relay::MessageSource(file, size, head), plan};
}

std::string ReadAll(relay::MessageText text) {
  std::string all;
  while (const auto block = text.Next()) all += *block;
  return all;
}

TEST(MessageText, GivesAnEmptyMessageItsEnd) {
  const auto file = MakeFile("");
  auto text = MakeText(file, 0);
  EXPECT_EQ(text.Next(), ".\r\n");
  EXPECT_TRUE(text.AtEnd());
  EXPECT_FALSE(text.Next());
}

TEST(MessageText, ReadsALargeMessageInBlocks) {
  std::string message;
  std::string expected;
  for (int i = 0; i < 20000; ++i) {
    message += ".line " + std::to_string(i) + "\n";
    expected += "..line " + std::to_string(i) + "\r\n";
  }
  const auto file = MakeFile(message);
  auto text = MakeText(file, message.size());
  std::string got;
  int blocks = 0;
  while (const auto block = text.Next()) {
    EXPECT_LE(block->size(), 70000U);
    got += *block;
    ++blocks;
  }
  EXPECT_GT(blocks, 3);
  EXPECT_EQ(got, expected + ".\r\n");
}

TEST(MessageText, NeverEndsAMessageThatHasBecomeShorter) {
  const auto file = MakeFile("half of it\n");
  auto text = MakeText(file, 100);
  EXPECT_EQ(text.Next(), "half of it\r\n");
  EXPECT_FALSE(text.AtEnd());
  EXPECT_THROW((void)text.Next(), std::exception);
}

TEST(MessageText, ReportsAFileThatCanNotBeRead) {
  auto text = MakeText(FdRef(-1), 1);
  EXPECT_THROW((void)text.Next(), std::exception);
}

TEST(MessageText, PutsTheHeadInFront) {
  const auto file = MakeFile("Subject: x\n\n.\n");
  EXPECT_EQ(ReadAll(MakeText(file, 14, "X-Head: .\n")), "X-Head: .\r\nSubject: x\r\n\r\n..\r\n.\r\n");
  EXPECT_EQ(ReadAll(MakeText(file, 0, "X-Head: .\n")), "X-Head: .\r\n.\r\n");
}

TEST(MessageText, ConvertsWhatThePlanSays) {
  const std::string message = "Subject: x\nMIME-Version: 1.0\nContent-Type: text/x\n\n.\rx\n";
  const auto file = MakeFile(message);
  mail::MimePlan plan(true);
  plan.Add("X-Head: 1\n");
  plan.Add(message);
  plan.Finish();
  EXPECT_EQ(ReadAll(MakeText(file, message.size(), "X-Head: 1\n", &plan)),
            "X-Head: 1\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/x\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n..=0Dx\r\n.\r\n");
}

}  // namespace
