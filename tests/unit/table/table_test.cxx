// SPDX-License-Identifier: BSD-2-Clause
#include "table/table.hxx"

#include "table/file_table.hxx"
#include "table/socket_table.hxx"
#include "table/sqlite_table.hxx"
#include "table/static_table.hxx"

#include <gtest/gtest.h>

template <typename Kind>
bool Makes(const char* text) {
  const auto made = table::Make(*config::TableSpec::Parse(text));
  return dynamic_cast<Kind*>(made.get()) != nullptr;
}

TEST(Table, IsMadeOfItsSpecification) {
  EXPECT_TRUE(Makes<table::StaticTable>("static:a=b"));
  EXPECT_TRUE(Makes<table::FileTable>("/nonexistent"));
  EXPECT_TRUE(Makes<table::SqliteTable>("sqlite:/nonexistent SELECT a FROM b WHERE c = ?"));
  EXPECT_TRUE(Makes<table::SocketTable>("socket:/nonexistent"));
}

TEST(Table, HasItsValuesFromItsSpecification) {
  EXPECT_EQ(table::Make(*config::TableSpec::Parse("static:a=b"))->Lookup("A")->value, "b");
}
