// SPDX-License-Identifier: BSD-2-Clause
#include "submit/message_buffer.hxx"

#include "private_drop.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

namespace {

using submit::MessageBuffer;

std::string TextOf(const MessageBuffer& buffer) {
  std::string text;
  std::array<char, 100000> room;
  std::string_view part;
  while (text.size() < buffer.Size()) {
    if (buffer.Read(text.size(), room, part) != 0) {
      ADD_FAILURE() << "it can't be read";
      break;
    }
    text += part;
  }
  return text;
}

TEST(MessageBuffer, GivesBackWhatItHasTaken) {
  MessageBuffer buffer;
  EXPECT_EQ(TextOf(buffer), "");
  for (std::string_view data : {"one", "", "two"}) {
    EXPECT_EQ(buffer.Write(data), 0);
    EXPECT_EQ(data, "");
  }
  EXPECT_EQ(TextOf(buffer), "onetwo");
}

TEST(MessageBuffer, KeepsMuchInAFileWithoutAName) {
  const PrivateDrop directory;
  ::setenv("TMPDIR", directory.Path().c_str(), 1);
  MessageBuffer buffer;
  std::string expected;
  for (char c = 'a'; expected.size() <= MessageBuffer::kMaxInMemory; ++c) {
    const std::string block(MessageBuffer::kMaxInMemory / 5, c);
    std::string_view data = block;
    ASSERT_EQ(buffer.Write(data), 0);
    expected += block;
  }
  ::unsetenv("TMPDIR");
  EXPECT_TRUE(TextOf(buffer) == expected);
  EXPECT_THAT(directory.Names(), testing::IsEmpty());
}

TEST(MessageBuffer, TakesAnotherDirectoryWhereTheFirstOneIsMissing) {
  ::setenv("TMPDIR", "/nonexistent", 1);
  MessageBuffer buffer;
  const std::string much(MessageBuffer::kMaxInMemory + 1, 'x');
  std::string_view data = much;
  EXPECT_EQ(buffer.Write(data), 0);
  ::unsetenv("TMPDIR");
  EXPECT_TRUE(TextOf(buffer) == much);
}

}  // namespace
