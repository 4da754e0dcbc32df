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

TEST(MessageText, GivesAnEmptyMessageItsEnd) {
  const auto file = MakeFile("");
  relay::MessageText text(file, 0);
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
  relay::MessageText text(file, message.size());
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
  relay::MessageText text(file, 100);
  EXPECT_EQ(text.Next(), "half of it\r\n");
  EXPECT_FALSE(text.AtEnd());
  EXPECT_THROW((void)text.Next(), std::exception);
}

TEST(MessageText, ReportsAFileThatCanNotBeRead) {
  relay::MessageText text(FdRef(-1), 1);
  EXPECT_THROW((void)text.Next(), std::exception);
}

}  // namespace
