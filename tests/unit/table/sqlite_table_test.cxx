// SPDX-License-Identifier: BSD-2-Clause
#include "table/sqlite_table.hxx"

#include "temporary_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sqlite3.h>

using table::SqliteTable;
using table::Unavailable;
using testing::HasSubstr;

namespace {

constexpr char kQuery[] = "SELECT value FROM users WHERE key = ? ORDER BY rowid";

// Somebody who writes to a database.
class Writer {
 public:
  explicit Writer(const std::string& path) { EXPECT_EQ(::sqlite3_open(path.c_str(), &database_), SQLITE_OK); }
  ~Writer() { ::sqlite3_close(database_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void Run(const std::string& sql) {
    char* error = nullptr;
    EXPECT_EQ(::sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
    ::sqlite3_free(error);
  }

 private:
  sqlite3* database_ = nullptr;
};

class SqliteTableTest : public testing::Test {
 protected:
  void Create(const std::string& path, const std::string& value) {
    Writer writer(path);
    writer.Run("CREATE TABLE users (key TEXT, value TEXT)");
    writer.Run("INSERT INTO users VALUES ('alice', '" + value + "')");
  }
  [[nodiscard]] std::string Value(SqliteTable& table, std::string_view key = "alice") {
    const auto found = table.Lookup(key);
    return found ? found->value : "(none)";
  }
  [[nodiscard]] std::string Problem(const std::string& query) {
    SqliteTable table(path_ + " " + query);
    return Problem(table);
  }
  [[nodiscard]] std::string Problem(SqliteTable& table) {
    try {
      return "found " + Value(table);
    } catch (const Unavailable& error) {
      return error.what();
    }
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "users.db";
};

TEST_F(SqliteTableTest, JoinsRows) {
  Create(path_, "bob");
  Writer(path_).Run(
      "INSERT INTO users VALUES ('alice', '|/x y'), ('alice', NULL), ('alice', ''), ('n', NULL), ('i', 7)");
  SqliteTable table(path_ + " " + kQuery);
  EXPECT_EQ(Value(table, "Alice"), "bob, |/x y");
  EXPECT_EQ(table.Lookup("alice")->where, "sqlite:" + path_);
  EXPECT_EQ(Value(table, "n"), "(none)");
  EXPECT_EQ(Value(table, "i"), "7");
  EXPECT_EQ(Value(table, "carol"), "(none)");
}

TEST_F(SqliteTableTest, AKeyIsDataAndNothingElse) {
  Create(path_, "bob");
  SqliteTable table(path_ + " " + kQuery);
  for (const std::string& key :
       {std::string("' OR '1'='1"), std::string("alice'--"), std::string("%"), std::string("alice\0x", 7),
        std::string("alice\n"), std::string(1025, 'a'), std::string()})
    EXPECT_EQ(Value(table, key), "(none)") << key;
  EXPECT_EQ(Value(table), "bob");
}

TEST_F(SqliteTableTest, SeesWhatIsWritten) {
  Create(path_, "bob");
  SqliteTable table(path_ + " " + kQuery);
  EXPECT_EQ(Value(table), "bob");
  Writer writer(path_);
  writer.Run("UPDATE users SET value = 'carol'");
  EXPECT_EQ(Value(table), "carol");
  writer.Run("ALTER TABLE users ADD COLUMN more");
  EXPECT_EQ(Value(table), "carol");
}

TEST_F(SqliteTableTest, SeesAnotherFileInItsPlace) {
  Create(path_, "bob");
  SqliteTable table(path_ + " " + kQuery);
  EXPECT_EQ(Value(table), "bob");
  Create(path_ + ".new", "carol");
  std::filesystem::rename(path_ + ".new", path_);
  EXPECT_EQ(Value(table), "carol");
  std::filesystem::remove(path_);
  EXPECT_EQ(Problem(table), "failed to ask sqlite:" + path_ + ": No such file or directory");
  Create(path_, "dora");
  EXPECT_EQ(Value(table), "dora");
}

TEST_F(SqliteTableTest, ReadsBesideAWriter) {
  Create(path_, "bob");
  SqliteTable table(path_ + " " + kQuery);
  Writer writer(path_);
  writer.Run("BEGIN IMMEDIATE");
  writer.Run("UPDATE users SET value = 'carol'");
  EXPECT_EQ(Value(table), "bob");
  writer.Run("COMMIT");
  EXPECT_EQ(Value(table), "carol");
  writer.Run("BEGIN EXCLUSIVE");
  EXPECT_THAT(Problem(table), HasSubstr("database is locked"));
  writer.Run("ROLLBACK");
  EXPECT_EQ(Value(table), "carol");
}

TEST_F(SqliteTableTest, ReadsADatabaseThatKeepsAWriteAheadLog) {
  Create(path_, "bob");
  Writer writer(path_);
  writer.Run("PRAGMA journal_mode=WAL");
  writer.Run("UPDATE users SET value = 'carol'");
  SqliteTable table(path_ + " " + kQuery);
  EXPECT_EQ(Value(table), "carol");
}

TEST_F(SqliteTableTest, SaysWhatIsWrong) {
  Create(path_, "bob");
  const struct {
    const char* query;
    const char* problem;
  } cases[] = {
      {"SELECT value FROM missing WHERE key = ?", "no such table: missing"},
      {"SELECT value FROM users WHERE", "incomplete input"},
      {"SELECT value FROM users", "needs one ?"},
      {"SELECT value FROM users WHERE key = ? OR key = ?", "needs one ?"},
      {"SELECT 1; DELETE FROM users WHERE key = ?", "not one SELECT"},
      {"DELETE FROM users WHERE key = ?", "not one SELECT"},
      {"", "not one SELECT"},
      {"SELECT printf('%.*c', 70000, 'x') FROM users WHERE key = ?", "too long"},
  };
  for (const auto& one : cases) EXPECT_THAT(Problem(one.query), HasSubstr(one.problem)) << one.query;
  SqliteTable table(path_ + " SELECT value FROM users WHERE key = ? ; ");
  EXPECT_EQ(Value(table), "bob");
}

TEST_F(SqliteTableTest, WhatIsNoDatabaseIsUnavailable) {
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_THAT(Problem(kQuery), HasSubstr("not a database"));
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(Problem(kQuery), HasSubstr("not a regular file"));
}

TEST_F(SqliteTableTest, AQueryThatDoesNotEndIsCutOff) {
  Create(path_, "bob");
  SqliteTable table(
      path_ +
          " SELECT max(n) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
          "SELECT n FROM c), users WHERE key = ?",
      std::chrono::milliseconds(100));
  EXPECT_THAT(Problem(table), HasSubstr("no answer in time"));
}

TEST_F(SqliteTableTest, NothingIsWritten) {
  Create(path_, "bob");
  std::filesystem::permissions(path_, std::filesystem::perms::owner_read);
  const auto before = std::filesystem::last_write_time(path_);
  SqliteTable table(path_ + " " + kQuery);
  EXPECT_EQ(Value(table), "bob");
  EXPECT_EQ(std::filesystem::last_write_time(path_), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.Path()), {}), 1);
}

}  // namespace
