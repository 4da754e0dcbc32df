// SPDX-License-Identifier: BSD-2-Clause
#include "mail/header.hxx"

#include <gtest/gtest.h>

namespace {

using State = mail::HeaderReader::State;

// Names of the fields, and what the body begins with.
std::string Summary(const std::string& message, std::size_t piece) {
  mail::HeaderReader reader;
  std::size_t at = 0;
  auto state = State::Reading;
  for (; state == State::Reading && at < message.size(); at += piece)
    state = reader.Add(message.substr(at, piece));
  if (state == State::Reading) reader.Finish();
  std::string summary;
  for (const auto& field : reader.Fields()) summary += std::string(field.name) + "|";
  return summary + "|" + std::string(reader.Rest()) + message.substr(std::min(at, message.size()));
}

TEST(HeaderReader, FindsFieldsAndBody) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "|"},
      {"Subject: t\n\nbody\n", "Subject||body\n"},
      {"Subject: t\n", "Subject||"},
      {"A: 1\nB: 2\n 3\n\t4\nC:\n\nx\n\ny\n", "A|B|C||x\n\ny\n"},
      {"\nbody\n", "|body\n"},
      {"just a body\nsecond\n", "|just a body\nsecond\n"},
      {"A: 1\nno field\n\nrest\n", "A||no field\n\nrest\n"},
      {" folded: nothing\nA: 1\n", "| folded: nothing\nA: 1\n"},
      {"From alice Mon Jan  1 00:00:00 2024\nA: 1\n\nb\n", "A||b\n"},
      {">From alice Mon Jan  1 00:00:00 2024\nA: 1\n\nb\n", "A||b\n"},
      {"A: 1\nFrom alice Mon Jan\n\nb\n", "A||From alice Mon Jan\n\nb\n"},
      {"From alice Mon\nFrom bob Mon\n\nb\n", "|From bob Mon\n\nb\n"},
      {"Subject : t\n\nb\n", "Subject||b\n"},
      {": empty name\n", "|: empty name\n"},
      {"S\xc3\xbc: x\n", "|S\xc3\xbc: x\n"},
      {"A: 1\n \n B\n\nb\n", "A||b\n"},
      {std::string("A: x\0y\n\nb\n", 10), "A||b\n"},
  };
  for (const auto& [message, summary] : cases)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}})
      EXPECT_EQ(Summary(message, piece), summary) << message << " in pieces of " << piece;
}

TEST(HeaderReader, KeepsEachFieldAsWritten) {
  mail::HeaderReader reader;
  ASSERT_EQ(reader.Add("suBject \t: a\n  b\nX:c\n\n"), State::Done);
  ASSERT_EQ(reader.Fields().size(), 2U);
  EXPECT_EQ(reader.Fields()[0].text, "suBject \t: a\n  b\n");
  EXPECT_EQ(reader.Fields()[0].Body(), " a\n  b\n");
  EXPECT_TRUE(reader.Fields()[0].Is("Subject"));
  EXPECT_EQ(reader.Fields()[1].Body(), "c\n");
}

TEST(HeaderReader, RefusesAHeaderBeyondTheLimit) {
  mail::HeaderReader one_line;
  auto state = one_line.Add("Subject: ");
  const std::string part(100000, 'x');
  for (std::size_t size = 0; size < 2 * mail::HeaderReader::kMaxSize && state == State::Reading;
       size += part.size())
    state = one_line.Add(part);
  EXPECT_EQ(state, State::TooLarge);

  mail::HeaderReader folded;
  state = folded.Add("Subject: x\n");
  for (std::size_t size = 0; size < 2 * mail::HeaderReader::kMaxSize && state == State::Reading;
       size += part.size())
    state = folded.Add(" " + part + "\n");
  EXPECT_EQ(state, State::TooLarge);
}

TEST(HeaderReader, TakesALongLineThatCanBeNoFieldAsBody) {
  mail::HeaderReader reader;
  const std::string part = "no field " + std::string(100000, 'x');
  auto state = State::Reading;
  for (std::size_t size = 0; size < 2 * mail::HeaderReader::kMaxSize && state == State::Reading;
       size += part.size())
    state = reader.Add(part);
  EXPECT_EQ(state, State::Done);
  EXPECT_TRUE(reader.Fields().empty());
  EXPECT_TRUE(reader.Rest().starts_with("no field "));
}

TEST(HeaderReader, PassesOverAByteOrderMark) {
  const std::string mark = "\xef\xbb\xbf";
  for (std::size_t step : {1U, 2U, 100U}) {
    mail::HeaderReader reader;
    const auto text = mark + "To: bob@example.net\n\nbody " + mark;
    auto state = mail::HeaderReader::State::Reading;
    std::size_t at = 0;
    for (; state == mail::HeaderReader::State::Reading && at < text.size(); at += step)
      state = reader.Add(std::string_view(text).substr(at, step));
    ASSERT_EQ(state, mail::HeaderReader::State::Done);
    ASSERT_EQ(reader.Fields().size(), 1U);
    EXPECT_TRUE(reader.Fields()[0].Is("To"));
  }
  for (const std::string text : {"\xef", "\xef\xbb", "", "\xef\n"}) {
    mail::HeaderReader reader;
    if (reader.Add(text) == mail::HeaderReader::State::Reading) reader.Finish();
    EXPECT_EQ(reader.Rest(), text);
  }
  mail::HeaderReader all_body;
  EXPECT_EQ(all_body.Add(mark + "no field\n"), mail::HeaderReader::State::Done);
  EXPECT_EQ(all_body.Rest(), "no field\n");
}

TEST(HeaderReader, HasSpacesForWhatHasNoPlace) {
  mail::HeaderReader reader;
  const std::string text("Subject: a\0b\rc\n\nd\0\r\n", 20);
  EXPECT_EQ(reader.Add(text), mail::HeaderReader::State::Done);
  EXPECT_EQ(reader.Fields().at(0).text, "Subject: a b c\n");
  EXPECT_EQ(reader.Rest(), std::string("d\0\r\n", 4));
}

}  // namespace
