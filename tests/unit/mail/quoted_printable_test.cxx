// SPDX-License-Identifier: BSD-2-Clause
#include "mail/quoted_printable.hxx"

#include "unit/mail/mime_decoder.hxx"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace {

using mail::QuotedPrintable;

std::string Encode(std::string_view text, std::size_t step,
                   QuotedPrintable::Source source = QuotedPrintable::Source::Text) {
  QuotedPrintable encoder(source);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += step) encoder.Add(text.substr(at, step), out);
  encoder.Finish(out);
  return out;
}

TEST(QuotedPrintable, EncodesWhatCanNotGoAsItIs) {
  struct Case {
    std::string text, encoded;
  };
  const Case cases[] = {
      {"", ""},
      {"plain text.\n", "plain text.\n"},
      {"1=1\n", "1=3D1\n"},
      {"gr\xc3\xbc\xc3\x9f", "gr=C3=BC=C3=9F"},
      {"a \nb\t\n \n", "a=20\nb=09\n=20\n"},
      {"end ", "end=20"},
      {"a\r\nb\rc\r\r\n", "a\nb=0Dc=0D\n"},
      {"a \r\nb \rc\r", "a=20\nb =0Dc=0D"},
      {std::string("a\0b\x7f", 4), "a=00b=7F"},
  };
  for (const auto& test : cases)
    for (std::size_t step : {1U, 2U, 100U}) EXPECT_EQ(Encode(test.text, step), test.encoded) << test.text;
}

TEST(QuotedPrintable, BreaksLinesAfter75Columns) {
  EXPECT_EQ(Encode(std::string(160, 'x'), 9),
            std::string(75, 'x') + "=\n" + std::string(75, 'x') + "=\n" + std::string(10, 'x'));
  EXPECT_EQ(Encode(std::string(75, 'x') + "\n", 9), std::string(75, 'x') + "\n");
}

TEST(QuotedPrintable, NeverBreaksACharacter) {
  for (const std::string character : {"\xc3\xbc", "\xe2\x82\xac", "\xf0\x9d\x84\x9e"})
    for (std::size_t lead = 60; lead < 80; ++lead) {
      std::string text(lead, 'x');
      for (int i = 0; i < 30; ++i) text += character;
      const auto encoded = Encode(text, 7);
      const auto whole = Encode(character, 1);
      for (std::string_view rest = encoded; !rest.empty();) {
        const auto end = std::min(rest.find("=\n"), rest.size());
        EXPECT_LE(end, 75U);
        const auto plain = std::min(rest.find_first_not_of('x'), end);
        EXPECT_EQ((end - plain) % whole.size(), 0U) << encoded;
        rest.remove_prefix(std::min(end + 2, rest.size()));
      }
    }
}

TEST(QuotedPrintable, ComesBackAsItWas) {
  std::mt19937 random(5321);
  constexpr std::string_view kOctets = "ab =.\t\r\n\n\xc3\xbc\xe2\x82\xac\xff-";
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t size = random() % 300; text.size() < size;)
      text += random() % 20 ? kOctets[random() % kOctets.size()] : static_cast<char>(random());
    const auto encoded = Encode(text, 1 + random() % 40);
    ASSERT_EQ(DecodeQuotedPrintable(encoded), WithoutLineEndCr(text)) << encoded;
    ASSERT_EQ(FindUnfit(encoded, true), "") << encoded;
  }
}

TEST(QuotedPrintable, MendsWhatIsEncodedBadly) {
  std::string text = "gr=C3=BC\xc3\x9f=\n soft\tand hard \n\r\rx";
  for (int i = 0; i < 200; ++i) text += "=3D\xe2\x82\xac";
  const auto mended = Encode(text, 3, QuotedPrintable::Source::Encoded);
  EXPECT_EQ(FindUnfit(mended, true), "");
  EXPECT_EQ(DecodeQuotedPrintable(mended), DecodeQuotedPrintable(text));
  const std::string good = "a=20\nb=C3=BC =\nc\n";
  EXPECT_EQ(Encode(good, 2, QuotedPrintable::Source::Encoded), good);
}

// The line that a soft break begins is ours: "--boundary" in the middle of a line must not become a
// delimiter.
TEST(QuotedPrintable, BeginsNoLineWithAHyphen) {
  for (const auto source : {QuotedPrintable::Source::Text, QuotedPrintable::Source::Encoded})
    for (std::size_t size = 70; size < 80; ++size) {
      const auto text = "--x\n" + std::string(size, 'a') + "--x\n";
      const auto encoded = Encode(text, 5, source);
      EXPECT_TRUE(encoded.starts_with("--x\n")) << encoded;
      EXPECT_EQ(encoded.find("=\n-"), encoded.npos) << encoded;
      EXPECT_EQ(DecodeQuotedPrintable(encoded), text);
    }
}

}  // namespace
