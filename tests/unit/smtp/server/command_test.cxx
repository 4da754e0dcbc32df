// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/server/command.hxx"

#include <gtest/gtest.h>

namespace {

using smtp::server::Command;
using smtp::server::Path;

TEST(Command, IsAVerbWithAnArgument) {
  const auto command = Command::Parse("  mail  FROM:<a@x> SIZE=1 ");
  EXPECT_EQ(command.verb, "MAIL");
  EXPECT_EQ(command.argument, "FROM:<a@x> SIZE=1");
  EXPECT_EQ(Command::Parse("quit").verb, "QUIT");
  EXPECT_EQ(Command::Parse("").verb, "");
}

TEST(Path, HasAnAddressAndParameters) {
  const auto path = Path::Parse("FROM:", "from:<\"a>b\"@x> size=1 SMTPUTF8 ENVID=a=b");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->address, "\"a>b\"@x");
  ASSERT_EQ(path->parameters.size(), 3u);
  EXPECT_EQ(path->parameters[0].name, "SIZE");
  EXPECT_EQ(path->parameters[0].value, "1");
  EXPECT_EQ(path->parameters[1].name, "SMTPUTF8");
  EXPECT_EQ(path->parameters[1].value, "");
  EXPECT_EQ(path->parameters[2].value, "a=b");
  EXPECT_EQ(Path::Parse("FROM:", "FROM:<>")->address, "");
  EXPECT_EQ(Path::Parse("TO:", "TO: bob")->address, "bob");
  for (const char* text : {"", "FROM:", "TO:<bob>", "FROM:<a@x", "FROM:<a,b>", "FROM:<a>x"})
    EXPECT_FALSE(Path::Parse("FROM:", text)) << text;
}

}  // namespace
