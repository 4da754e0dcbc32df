// SPDX-License-Identifier: BSD-2-Clause
#include "config/table_spec.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

using config::TableSpec;
using Kind = TableSpec::Kind;

TEST(TableSpec, ReadsEachKind) {
  const struct {
    const char* text;
    TableSpec spec;
    const char* written;
  } cases[] = {
      {"static:a=b", {Kind::Static, "a=b"}, "static:a=b"},
      {"static: a = b, c; d=|/x y=z;", {Kind::Static, "a = b, c; d=|/x y=z;"}, "static:a = b, c; d=|/x y=z;"},
      {"file:/etc/aliases", {Kind::File, "/etc/aliases"}, "file:/etc/aliases"},
      {"/etc/aliases", {Kind::File, "/etc/aliases"}, "file:/etc/aliases"},
      {"/etc/a:b", {Kind::File, "/etc/a:b"}, "file:/etc/a:b"},
      {"File: /etc/my aliases", {Kind::File, "/etc/my aliases"}, "file:/etc/my aliases"},
      {"sqlite:/a.db select x from y where z = ?",
       {Kind::Sqlite, "/a.db select x from y where z = ?"},
       "sqlite:/a.db select x from y where z = ?"},
      {"socket:/run/t", {Kind::Socket, "/run/t"}, "socket:/run/t"},
  };
  for (const auto& one : cases) {
    const auto spec = TableSpec::Parse(one.text);
    ASSERT_TRUE(spec) << one.text;
    EXPECT_EQ(*spec, one.spec) << one.text;
    EXPECT_EQ(spec->ToString(), one.written);
    EXPECT_EQ(TableSpec::Parse(one.written), spec);
  }
}

TEST(TableSpec, SaysWhatIsWrong) {
  const struct {
    std::string text;
    const char* error;
  } cases[] = {
      {"", "'' is no kind of table: static, file, sqlite or socket"},
      {"file", "'file' is no kind"},
      {"hash:/etc/aliases", "'hash' is no kind"},
      {"static:", "entries are missing"},
      {"static:a=b; c", "'c' is no KEY=VALUE"},
      {"static:=b", "'=b' is no KEY=VALUE"},
      {"static:a=", "'a=' is no KEY=VALUE"},
      {"file:", "'' is no absolute path"},
      {"file:aliases", "'aliases' is no absolute path"},
      {"/", "'/' is no absolute path"},
      {"sqlite:a.db select ?", "'a.db' is no absolute path"},
      {"sqlite:/a.db", "a query is missing"},
      {"sqlite:/a.db delete from x where y = ?", "a SELECT with ? for the key"},
      {"sqlite:/a.db select 1", "a SELECT with ? for the key"},
      {"socket:run", "'run' is no absolute path"},
      {"socket:/" + std::string(200, 'a'), "too long"},
  };
  for (const auto& one : cases) {
    TableSpec::Error error;
    EXPECT_FALSE(TableSpec::Parse(one.text, &error)) << one.text;
    EXPECT_THAT(error.text, testing::HasSubstr(one.error)) << one.text;
    EXPECT_FALSE(TableSpec::Parse(one.text));
  }
}
