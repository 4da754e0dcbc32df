// SPDX-License-Identifier: BSD-2-Clause
#include "config/ini.hxx"

#include <gtest/gtest.h>

#include <random>
#include <string>

using namespace std::string_literals;
using config::IniItem;
using config::IniReader;

namespace {

// One line an item: "3 [Name]", "4 Key=value", "5 !what is wrong".
std::string ReadAll(const std::string& text) {
  std::string seen;
  IniReader reader(text);
  while (const auto item = reader.Next()) {
    seen += std::to_string(item->line) + " ";
    if (item->kind == IniItem::Kind::Section) seen += "[" + item->name + "]";
    if (item->kind == IniItem::Kind::Assignment) seen += item->name + "=" + item->text;
    if (item->kind == IniItem::Kind::Bad) seen += "!" + item->text;
    seen += "\n";
  }
  return seen;
}

}  // namespace

TEST(IniReader, ReadsSystemdSyntax) {
  const struct {
    std::string text, seen;
  } cases[] = {
      {"", ""},
      {"\n\n", ""},
      {"# comment\n ; comment\n", ""},
      {"[A]\nKey=value\n", "1 [A]\n2 Key=value\n"},
      {"[A]\n  Key = a value \t\n", "1 [A]\n2 Key=a value\n"},
      {"[A]\nKey=\n", "1 [A]\n2 Key=\n"},
      {"[A]\nKey=a=b # no comment\n", "1 [A]\n2 Key=a=b # no comment\n"},
      {"[A]\nno final newline=1", "1 [A]\n2 no final newline=1\n"},
      {"[A]\r\nKey=crlf\r\n", "1 [A]\n2 Key=crlf\n"},
      {"\xef\xbb\xbf[A]\n", "1 [A]\n"},
      {"[A]\nKey=one \\\n  two\nNext=1\n", "1 [A]\n2 Key=one  two\n4 Next=1\n"},
      {"[A]\nKey=one\\\n# comment\n; comment\ntwo\nNext=1\n", "1 [A]\n2 Key=one two\n6 Next=1\n"},
      {"[A]\nKey=one\\\r\ntwo\r\n", "1 [A]\n2 Key=one two\n"},
      {"[A]\nKey=one\\\\\nNext=1\n", "1 [A]\n2 Key=one\\\\\n3 Next=1\n"},
      {"[A]\nKey=one\\", "1 [A]\n2 Key=one\n"},
      {"[A]\n#comment\\\nKey=1\n", "1 [A]\n3 Key=1\n"},
      {"[A]\nKey=gr\xc3\xbc\xc3\x9f\n", "1 [A]\n2 Key=gr\xc3\xbc\xc3\x9f\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(ReadAll(c.text), c.seen) << c.text;
}

TEST(IniReader, SaysWhatItDoesNotUnderstand) {
  const struct {
    std::string text, error;
  } cases[] = {
      {"Key=1", "before any [Section]"},
      {"[A]\nKey", "expected Key=value"},
      {"[A]\n=value", "expected Key=value"},
      {"[A\n", "no section"},
      {"[]\n", "no section"},
      {"[A] # x\n", "no section"},
      {"[A]\nKey=a\0b"s, "control characters"},
      {"[A]\nKey=\x1b[31m", "control characters"},
      {"[A]\nKey=\xff\xfe", "not UTF-8"},
      {"[A]\nKey=\xc3", "not UTF-8"},
      {"[A]\nKey=\xc0\xaf", "not UTF-8"},
      {"[A]\nKey=\xed\xa0\x80", "not UTF-8"},
      {"[A]\nKey=\xf5\x80\x80\x80", "not UTF-8"},
  };
  for (const auto& c : cases)
    EXPECT_NE(ReadAll(c.text).find(c.error), std::string::npos) << c.text << ReadAll(c.text);
}

TEST(IniReader, GoesOnBehindABadLine) {
  EXPECT_EQ(ReadAll("[A]\nnonsense\nKey=1\n"),
            "1 [A]\n2 !'nonsense' is not understood, expected Key=value\n3 Key=1\n");
}

TEST(IniReader, SurvivesRandomOctets) {
  std::minstd_rand random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (int n = 0; n < 200; ++n)
      text += random() % 4 ? "[]=\\\n\r#; a"[random() % 10] : static_cast<char>(random());
    ReadAll(text);
  }
}
