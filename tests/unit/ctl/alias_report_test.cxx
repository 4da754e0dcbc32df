// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/alias_report.hxx"

#include "temporary_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using config::TableSpec;
using ctl::ReportOnAliases;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(AliasReport, SaysWhatIsInTheFile) {
  const TemporaryDirectory directory;
  const auto path = directory / "aliases";
  const TableSpec spec{TableSpec::Kind::File, path};
  std::ofstream(path) << "root: alice\n";
  EXPECT_EQ(ReportOnAliases(spec).summary, path + ": 1 alias, no mistake.");
  std::ofstream(path) << "root: alice\nbob: carol\n";
  EXPECT_EQ(ReportOnAliases(spec).summary, path + ": 2 aliases, no mistake.");
  EXPECT_THAT(ReportOnAliases(spec).faults, IsEmpty());
  std::ofstream(path) << "root: alice\njunk\n";
  EXPECT_THAT(ReportOnAliases(spec).faults, ElementsAre(HasSubstr(path + ":2: 'junk'")));
}

TEST(AliasReport, AFileThatCanNotBeReadIsAFault) {
  const TemporaryDirectory directory;
  const auto report = ReportOnAliases({TableSpec::Kind::File, directory.Path()});
  EXPECT_THAT(report.faults, ElementsAre(HasSubstr("not a regular file")));
  EXPECT_FALSE(report.is_read);
}

TEST(AliasReport, OthersAreOnlyNamed) {
  const auto report = ReportOnAliases({TableSpec::Kind::Socket, "/run/aliases"});
  EXPECT_THAT(report.faults, IsEmpty());
  EXPECT_THAT(report.summary, HasSubstr("socket:/run/aliases, which is no text file"));
}
