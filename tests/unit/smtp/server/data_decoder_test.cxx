// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/server/data_decoder.hxx"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using smtp::server::DataDecoder;

struct Outcome {
  bool whole = true;  // the message was ended by its dot
  std::string message;
  std::string rest;  // behind it

  bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << (outcome.whole ? "whole " : "cut ") << testing::PrintToString(outcome.message) << " then "
       << testing::PrintToString(outcome.rest);
}

Outcome Decode(const std::vector<std::string>& pieces, bool strict) {
  DataDecoder decoder(strict);
  Outcome outcome;
  for (const auto& piece : pieces) outcome.rest += piece.substr(decoder.Take(piece, outcome.message));
  outcome.whole = decoder.IsEnded();
  return outcome;
}

TEST(DataDecoder, EndsAtTheDotHoweverTheOctetsArrive) {
  struct Case {
    bool strict;
    std::string in;
    Outcome outcome;
  };
  const Case cases[] = {
      {true, "a\r\n.\r\nQUIT", {true, "a\n", "QUIT"}},
      {true, ".\r\nQUIT", {true, "", "QUIT"}},
      {true, "a\r\n..\r\n..x\r\n...\r\n.\r\nQ", {true, "a\n.\n.x\n..\n", "Q"}},
      {false, "a\n..b\n.\nQ", {true, "a\n.b\n", "Q"}},
      {false, "a\n.\r\nQ", {true, "a\n", "Q"}},
      {true, "a\rb\r\r\n.\r\nQ", {true, "a\rb\r\n", "Q"}},
      {true, "a\r\n.\rb\r\n.\r\nQ", {true, "a\n\rb\n", "Q"}},
      // A dot between line ends that this client does not write is text: RFC 5321 section 2.3.8.
      {true, "a\n.\nMAIL FROM:<x>\r\n.\r\nQ", {true, "a\n.\nMAIL FROM:<x>\n", "Q"}},
      {true, "a\n.\r\nMAIL FROM:<x>\r\n.\r\nQ", {true, "a\n.\nMAIL FROM:<x>\n", "Q"}},
      {true, "a\r\n.\nMAIL FROM:<x>\r\n.\r\nQ", {true, "a\n\nMAIL FROM:<x>\n", "Q"}},
      {true, "a\r\n", {false, "a\n", ""}},
      {true, "a\r\n.", {false, "a\n", ""}},
      {true, "a\r\n.\r", {false, "a\n", ""}},
      {true, "", {false, "", ""}},
  };
  for (const auto& [strict, in, outcome] : cases) {
    SCOPED_TRACE(testing::PrintToString(in));
    for (std::size_t at = 0; at <= in.size(); ++at)
      EXPECT_EQ(Decode({in.substr(0, at), in.substr(at)}, strict), outcome) << at;
  }
}

}  // namespace
