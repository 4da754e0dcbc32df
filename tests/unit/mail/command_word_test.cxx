// SPDX-License-Identifier: BSD-2-Clause
#include "mail/command_word.hxx"

#include "mail/destination.hxx"

#include <gtest/gtest.h>

using mail::SplitCommand;
using Words = std::vector<std::string>;

TEST(SplitCommand, SplitsAsPostfixDoes) {
  const struct {
    const char* line;
    Words words;
  } cases[] = {
      {"", {}},
      {"  \t ", {}},
      {"/usr/bin/vacation alice", {"/usr/bin/vacation", "alice"}},
      {" /a \t b ", {"/a", "b"}},
      {"/a 'b c' d", {"/a", "b c", "d"}},
      {"/a \"b c\" d", {"/a", "b c", "d"}},
      {"/a b'c d'e\"f g\"", {"/a", "bc def g"}},
      {"/a '' \"\" {}", {"/a", "", "", ""}},
      {"/a '\"' \"'\"", {"/a", "\"", "'"}},
      {"/a \"b\\\"c\\\\d\\$e\\`f\\g\"", {"/a", "b\"c\\d$e`f\\g"}},
      {"/a b\\ c '\\'", {"/a", "b\\", "c", "\\"}},
      {"/a { b c } d", {"/a", "b c", "d"}},
      {"/a {b {c} d}", {"/a", "b {c} d"}},
      {"/a {'b} c", {"/a", "'b", "c"}},
      {"/a b{c d}", {"/a", "b{c", "d}"}},
      {"/a $HOME $(id) ;id; `id` | > & # *",
       {"/a", "$HOME", "$(id)", ";id;", "`id`", "|", ">", "&", "#", "*"}},
      {"/a b,c", {"/a", "b,c"}},
      {"/a 'b", {}},
      {"/a \"b", {}},
      {"/a \"b\\\"", {}},
      {"/a {b", {}},
      {"/a {b {c}", {}},
      {"/a {b}c", {}},
  };
  for (const auto& one : cases) EXPECT_EQ(SplitCommand(one.line), one.words) << one.line;
}

TEST(CommandWordReader, EndsAtACommaOutsideOfQuotes) {
  const struct {
    const char* line;
    std::size_t offset;
    bool bad;
  } cases[] = {
      {"/a b, c", 4, false}, {"/a ',' b,c", 8, false}, {"/a {,},c", 6, false},
      {",", 0, false},       {"/a b", 4, false},       {"/a \"b, c", 8, true},
  };
  for (const auto& one : cases) {
    mail::CommandWordReader reader(one.line, mail::CommandWordReader::Until::Comma);
    while (reader.Next()) {
    }
    EXPECT_EQ(reader.Offset(), one.offset) << one.line;
    EXPECT_EQ(reader.Bad(), one.bad) << one.line;
  }
}
