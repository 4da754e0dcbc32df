// SPDX-License-Identifier: BSD-2-Clause
#include "mail/text_survey.hxx"

#include <gtest/gtest.h>

#include <string>

namespace {

struct SurveyCase {
  std::string text;
  bool eight_bit, long_line, bare_control;
};

TEST(TextSurvey, FindsWhatNotEveryChannelCarries) {
  using std::string;
  const string most(998, 'x');
  const SurveyCase cases[] = {
      {"", false, false, false},
      {"plain\n", false, false, false},
      {"plain\r\ntext", false, false, false},
      {"gr\xc3\xbc\xc3\x9f\n", true, false, false},
      {most + "\n" + most + "\r\n" + most, false, false, false},
      {most + "x\n", false, true, false},
      {most + "x", false, true, false},
      {"a\rb\n", false, false, true},
      {"a\r\r\n", false, false, true},
      {"a\r", false, false, true},
      {string("a\0b", 3), false, false, true},
  };
  for (const auto& test : cases)
    for (std::size_t step : {1U, 2U, 7U, 5000U}) {
      mail::TextSurvey survey;
      for (std::size_t at = 0; at < test.text.size(); at += step)
        survey.Add(std::string_view(test.text).substr(at, step));
      survey.Finish();
      EXPECT_EQ(survey.HasEightBit(), test.eight_bit) << test.text;
      EXPECT_EQ(survey.HasLongLine(), test.long_line) << test.text;
      EXPECT_EQ(survey.HasBareControl(), test.bare_control) << test.text;
      EXPECT_EQ(survey.Size(), test.text.size());
    }
}

}  // namespace
