// SPDX-License-Identifier: BSD-2-Clause
#include "table/file_table.hxx"

#include "temporary_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

using table::FileTable;
using table::Unavailable;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

namespace {

class FileTableTest : public testing::Test {
 protected:
  void Write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  void Replace(const std::string& text) {
    std::ofstream(path_ + ".new", std::ios::binary) << text;
    fs::rename(path_ + ".new", path_);
  }
  [[nodiscard]] std::string Value(std::string_view key) {
    const auto found = table_.Lookup(key);
    return found ? found->value : "(none)";
  }
  [[nodiscard]] std::string Problem() {
    try {
      return "found " + Value("alice");
    } catch (const Unavailable& error) {
      return error.what();
    }
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "aliases";
  FileTable table_{path_};
};

TEST_F(FileTableTest, FindsWithFileAndLine) {
  Write("# the aliases\nRoot: alice,\n  bob\nlist:\n  carol\n");
  const auto root = table_.Lookup("ROOT");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->value, "alice,\n  bob");
  EXPECT_EQ(root->where, path_ + ":2");
  EXPECT_EQ(root->line, 2U);
  EXPECT_EQ(table_.Lookup("list")->where, path_ + ":4");
  EXPECT_EQ(table_.Lookup("list")->line, 5U);
  for (const std::string& key : {std::string("alice"), std::string(), std::string("root\0", 5)})
    EXPECT_FALSE(table_.Lookup(key));
  EXPECT_THAT(table_.Faults(), IsEmpty());
}

TEST_F(FileTableTest, SeesEveryChange) {
  Write("alice: 1\n");
  EXPECT_EQ(Value("alice"), "1");
  Write("alice: 2\n");  // the same size, and perhaps the same time
  EXPECT_EQ(Value("alice"), "2");
  Replace("alice: 3\n");
  EXPECT_EQ(Value("alice"), "3");
  std::ofstream(path_, std::ios::app) << "bob: 1\n";
  EXPECT_EQ(Value("bob"), "1");
  for (int i = 0; i < 100; ++i) {
    Replace("alice: x" + std::to_string(i) + "\n");
    ASSERT_EQ(Value("alice"), "x" + std::to_string(i));
  }
}

TEST_F(FileTableTest, AMissingFileIsAnEmptyTable) {
  EXPECT_EQ(Value("alice"), "(none)");
  EXPECT_THAT(table_.Faults(), ElementsAre(path_ + ": there is no such file; the table is empty"));
  Write("alice: 1\n");
  EXPECT_EQ(Value("alice"), "1");
  EXPECT_THAT(table_.Faults(), IsEmpty());
  fs::remove(path_);
  EXPECT_EQ(Value("alice"), "(none)");
}

TEST_F(FileTableTest, TheNullDeviceIsAnEmptyTable) {
  FileTable table("/dev/null");
  EXPECT_FALSE(table.Lookup("alice"));
  EXPECT_THAT(table.Faults(), IsEmpty());
}

// What makes a file unreadable, whoever runs this.
void Spoil(const std::string& path, int how) {
  fs::remove_all(path);
  if (how == 0) fs::create_directory(path);
  if (how == 1 && ::mkfifo(path.c_str(), 0600) < 0) ThrowErrno("Failed to make FIFO", path);
  if (how == 2) fs::create_symlink(path, path);
  if (how == 3) {
    std::ofstream{path};
    fs::resize_file(path, FileTable::kMaxSize + 1);
  }
}

TEST_F(FileTableTest, IsUnavailableIfItCanNotBeReadAtFirst) {
  const char* problems[] = {"not a regular file", "not a regular file", "symbolic links",
                            "larger than 64 MiB"};
  for (int how = 0; how < 4; ++how) {
    Spoil(path_, how);
    EXPECT_THAT(Problem(), testing::AllOf(HasSubstr("failed to read " + path_), HasSubstr(problems[how])));
    EXPECT_THAT(Problem(), HasSubstr(problems[how])) << "still";
  }
  fs::remove_all(path_);
  Write("alice: 1\n");
  EXPECT_EQ(Value("alice"), "1");
}

TEST_F(FileTableTest, TheLastGoodContentStaysInForce) {
  for (int how = 0; how < 4; ++how) {
    fs::remove_all(path_);
    Write("alice: 1\n");
    EXPECT_EQ(Value("alice"), "1");
    Spoil(path_, how);
    EXPECT_EQ(Value("alice"), "1");
    ASSERT_EQ(table_.Faults().size(), 1U);
    EXPECT_THAT(table_.Faults()[0], testing::AllOf(HasSubstr(path_ + ": failed to read: "),
                                                   HasSubstr(", keeping what was in it")));
    fs::remove_all(path_);
    Write("alice: 2\n");
    EXPECT_EQ(Value("alice"), "2");
    EXPECT_THAT(table_.Faults(), IsEmpty());
  }
}

TEST_F(FileTableTest, FaultsHaveFileAndLine) {
  Write("alice: 1\njunk\nalice: 2\n");
  EXPECT_EQ(Value("alice"), "1");
  EXPECT_THAT(table_.Faults(),
              ElementsAre(path_ + ":2: 'junk' has nothing behind it; write NAME: VALUE",
                          path_ + ":3: 'alice' has an entry in line 1 already; that one counts"));
}

TEST_F(FileTableTest, ShowsAllEntries) {
  Write("b: 1\na: 2\n");
  EXPECT_EQ(table_.Entries().entries.size(), 2U);
}

}  // namespace
