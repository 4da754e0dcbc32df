// SPDX-License-Identifier: BSD-2-Clause
#include "table/static_table.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using table::StaticTable;
using testing::ElementsAre;

TEST(StaticTable, FindsInAnyCase) {
  StaticTable table("Root=alice, bob@example.org ; @Example.org = carol; x=|/cmd a=b");
  EXPECT_EQ(table.Lookup("ROOT")->value, "alice, bob@example.org");
  EXPECT_EQ(table.Lookup("root")->where, "static:root");
  EXPECT_EQ(table.Lookup("@example.ORG")->value, "carol");
  EXPECT_EQ(table.Lookup("x")->value, "|/cmd a=b");
  for (const std::string& key : {std::string("alice"), std::string(), std::string("root\0", 5)})
    EXPECT_FALSE(table.Lookup(key));
  EXPECT_TRUE(table.Faults().empty());
}

TEST(StaticTable, ReportsWhatItLeavesOut) {
  StaticTable table("a=1; A=2; b; =c");
  EXPECT_EQ(table.Lookup("a")->value, "1");
  EXPECT_THAT(table.Faults(), ElementsAre("static: 'A=2' is a second entry of its key, ignoring",
                                          "static: 'b' is no KEY=VALUE", "static: '=c' is no KEY=VALUE"));
}
