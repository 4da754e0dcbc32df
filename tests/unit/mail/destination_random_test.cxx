// SPDX-License-Identifier: BSD-2-Clause
// Random and mutated texts, with a fixed seed, through ParseDestinations: what must hold whatever a user
// writes is checked; the sanitizers check the rest.
#include "base/utf8.hxx"
#include "mail/address.hxx"
#include "mail/destination.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace {

using mail::Destination;
using Kind = Destination::Kind;

constexpr int kRounds = 10000;  // of each of the two kinds of text

class DestinationRandomTest : public testing::Test {
 protected:
  std::size_t Below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  // Octets and fragments that mean something to the parser.
  std::string RandomText() {
    static const std::vector<std::string> kFragments = {"\n",
                                                        "\r\n",
                                                        "\n ",
                                                        " ",
                                                        "\t",
                                                        ",",
                                                        "|",
                                                        "|/a ",
                                                        "\"|/a ",
                                                        "\"",
                                                        "\\",
                                                        "!",
                                                        "/",
                                                        "~/",
                                                        "/b/",
                                                        ":include:",
                                                        ":include: /c",
                                                        "error:",
                                                        "error:550 5.1.1 x",
                                                        "#",
                                                        "<",
                                                        ">",
                                                        "@",
                                                        "(",
                                                        ")",
                                                        "[",
                                                        "]",
                                                        "{",
                                                        "}",
                                                        "'",
                                                        ":",
                                                        ";",
                                                        "=?",
                                                        "?=",
                                                        "a",
                                                        "bob",
                                                        "alice@example.org",
                                                        "\xc3\xbc",
                                                        "\xff",
                                                        std::string(1, '\0'),
                                                        "\x7f"};
    std::string text;
    for (auto count = Below(25); count > 0; --count)
      text += Below(8) ? kFragments[Below(kFragments.size())] : std::string(1, static_cast<char>(Below(256)));
    return text;
  }

  std::string MutatedText() {
    static const std::vector<std::string> kTexts = {
        "\\alice, \"|/usr/bin/vacation alice\"\n",
        "|/usr/bin/procmail -t -a \"$EXTENSION, x\", ~/Maildir/\nAlice Example <alice@example.org> bob\n",
        "\"a b\"@example.org,\n :include:/etc/mail/list,\n# comment\n\t\"error:550 5.1.1 sorry, gone\"\n",
        "!, \"/home/alice/My Mail/\" :include: ~/more (as long as it lasts)\r\nerror:no 'such' user\r\n"};
    auto text = kTexts[Below(kTexts.size())];
    for (auto count = 1 + Below(4); count > 0 && !text.empty(); --count) {
      const auto at = Below(text.size());
      if (Below(3) == 0)
        text.erase(at, 1 + Below(5));
      else if (Below(2))
        text[at] = static_cast<char>(Below(256));
      else
        text.insert(at, text.substr(Below(text.size()), 1 + Below(5)));
    }
    return text;
  }

  std::mt19937 random_{20240101};
};

bool HasControl(std::string text) {
  std::erase(text, '\t');
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void ExpectSound(const Destination& destination) {
  const auto& text = destination.text;
  ASSERT_FALSE(HasControl(text));
  ASSERT_LE(text.size(), Destination::kMaxText);
  switch (destination.kind) {
    case Kind::Address:
      ASSERT_TRUE(mail::Address::Parse(text));
      ASSERT_TRUE(IsUtf8(text));
      break;
    case Kind::User:
      ASSERT_EQ(text.find_first_of("@/:,"), text.npos);
      ASSERT_TRUE(IsUtf8(text));
      break;
    case Kind::File:
    case Kind::Include:
      ASSERT_TRUE(text.starts_with('/') || text.starts_with("~/"));
      break;
    case Kind::Command:
      ASSERT_TRUE(mail::SplitCommand(text).at(0).starts_with('/'));
      break;
    case Kind::Error:
      ASSERT_FALSE(text.empty());
      ASSERT_TRUE(IsUtf8(text));
      break;
  }
}

void ExpectReadBack(Destination destination) {
  const auto written = destination.ToString();
  const auto again = mail::ParseDestinations(written);
  ASSERT_TRUE(again.faults.empty()) << written << ": " << again.faults[0].text;
  destination.line = 1;
  ASSERT_EQ(again.entries.size(), 1U) << written;
  ASSERT_EQ(again.entries[0].kind, destination.kind) << written;
  ASSERT_EQ(again.entries[0].text, destination.text) << written;
  ASSERT_EQ(again.entries[0].line, 1U) << written;
}

void Check(const std::string& text) {
  SCOPED_TRACE(testing::PrintToString(text));
  const auto list = mail::ParseDestinations(text);
  const auto lines = 1 + static_cast<unsigned>(std::ranges::count(text, '\n'));
  unsigned last = 1;
  for (const auto& destination : list.entries) {
    ASSERT_NO_FATAL_FAILURE(ExpectSound(destination));
    ASSERT_NO_FATAL_FAILURE(ExpectReadBack(destination));
    ASSERT_GE(destination.line, last);
    ASSERT_LE(destination.line, lines);
    last = destination.line;
  }
  for (const auto& fault : list.faults) {
    ASSERT_GE(fault.line, 1U);
    ASSERT_LE(fault.line, lines);
    ASSERT_FALSE(HasControl(fault.text));
  }
}

// All but blanks, commas and comments leads to an entry or a fault: nothing is lost without a word.
void ExpectSomething(const std::string& text) {
  const auto list = mail::ParseDestinations("x" + text);
  ASSERT_FALSE(list.entries.empty() && list.faults.empty()) << testing::PrintToString(text);
}

TEST_F(DestinationRandomTest, WhateverIsReadIsSound) {
  for (int round = 0; round < kRounds && !HasFatalFailure(); ++round) {
    const auto text = RandomText();
    Check(text);
    ExpectSomething(text);
  }
}

TEST_F(DestinationRandomTest, SlipsOfThePenAreSurvived) {
  for (int round = 0; round < kRounds && !HasFatalFailure(); ++round) Check(MutatedText());
}

}  // namespace
