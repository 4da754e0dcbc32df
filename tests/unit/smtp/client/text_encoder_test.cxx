// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/text_encoder.hxx"

#include <gtest/gtest.h>

#include <string>

namespace {

std::string Encode(std::string_view message, std::size_t block) {
  smtp::TextEncoder encoder;
  std::string out;
  for (; !message.empty(); message.remove_prefix(std::min(block, message.size())))
    encoder.Add(message.substr(0, block), out);
  encoder.Finish(out);
  return out;
}

TEST(TextEncoder, MakesTextForTheLineWhateverTheBlocks) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ".\r\n"},
      {"a\n", "a\r\n.\r\n"},
      {"a", "a\r\n.\r\n"},
      {"\n", "\r\n.\r\n"},
      {".", "..\r\n.\r\n"},
      {".\n.\n", "..\r\n..\r\n.\r\n"},
      {"..a\na.\n", "...a\r\na.\r\n.\r\n"},
      {"a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
      {"a\rb\n", "a b\r\n.\r\n"},
      {"a\r", "a \r\n.\r\n"},
      {"a\r\r\n", "a \r\n.\r\n"},
      {"\r.\r\n", " .\r\n.\r\n"},
      {"\r\n.\r\n", "\r\n..\r\n.\r\n"},
      {"a\r.\rMAIL FROM:<b>\r\n", "a . MAIL FROM:<b>\r\n.\r\n"},
      {"a\n.\r\nMAIL FROM:<b>\n", "a\r\n..\r\nMAIL FROM:<b>\r\n.\r\n"},
      {std::string("a\0\xff\n", 4), std::string("a\0\xff\r\n.\r\n", 8)},
  };
  for (const auto& [message, text] : cases)
    for (std::size_t block = 1; block <= message.size() + 1; ++block)
      EXPECT_EQ(Encode(message, block), text) << testing::PrintToString(message) << " in blocks of " << block;
}

// RFC 5321 section 4.5.2, from the other side: every message made of these octets must come out as one
// message, and as itself.
TEST(TextEncoder, NeverEndsEarly) {
  static constexpr std::string_view kOctets = ".\r\na";
  for (unsigned number = 0; number < 4 * 4 * 4 * 4 * 4 * 4; ++number) {
    std::string message;
    for (unsigned rest = number; message.size() < 6; rest /= 4) message += kOctets[rest % 4];
    const auto text = Encode(message, 1 + number % 3);
    ASSERT_EQ(("\r\n" + text).find("\r\n.\r\n"), text.size() - 3) << testing::PrintToString(message);
    for (std::size_t i = 0; i < text.size(); ++i) {
      ASSERT_EQ(text[i] == '\r', i + 1 < text.size() && text[i + 1] == '\n')
          << testing::PrintToString(message);
    }
  }
}

}  // namespace
