// SPDX-License-Identifier: BSD-2-Clause
#include "mx/sts_store.hxx"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace {

namespace fs = std::filesystem;

using mx::StsEntry;
using mx::StsStore;

constexpr const char* kText = "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 100\n";

class StsStoreTest : public testing::Test {
 protected:
  ~StsStoreTest() override { fs::remove_all(directory_); }

  const std::string directory_ = testing::TempDir() + "sts_store_test";
};

TEST_F(StsStoreTest, KeepsPoliciesInFiles) {
  StsStore(directory_).Keep("a.example", {"1", 1000, kText});
  StsStore(directory_).Keep("a.example", {"2", 2000, kText});
  const auto entry = StsStore(directory_).Find("a.example");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->id, "2");
  EXPECT_EQ(entry->fetched, 2000);
  EXPECT_EQ(entry->text, kText);
  EXPECT_FALSE(StsStore(directory_).Find("b.example"));
  EXPECT_FALSE(StsStore("").Find("a.example"));
}

TEST_F(StsStoreTest, KeepsThemInMemoryWhereNoFileCanBe) {
  std::ofstream(directory_) << "in the way";
  StsStore store(directory_);
  EXPECT_THROW(store.Keep("a.example", {"1", 1000, kText}), std::system_error);
  EXPECT_TRUE(store.Find("a.example"));
  StsStore memory("");
  memory.Keep("a.example", {"1", 1000, kText});
  EXPECT_TRUE(memory.Find("a.example"));
}

TEST_F(StsStoreTest, TakesATornFileForNone) {
  fs::create_directories(directory_);
  for (const std::string text : {"", "id: 1", "id: 1\nfetched: x\n\n", "fetched: 1\nid: 1\n\n"}) {
    std::ofstream(directory_ + "/a.example") << text;
    EXPECT_FALSE(StsStore(directory_).Find("a.example")) << text;
  }
}

TEST_F(StsStoreTest, RemovesWhatIsInForceNoLonger) {
  StsStore store(directory_);
  store.Keep("old.example", {"1", 1000, kText});
  store.Keep("new.example", {"1", 2000, kText});
  store.RemoveExpired(2050);
  EXPECT_FALSE(fs::exists(directory_ + "/old.example"));
  EXPECT_TRUE(fs::exists(directory_ + "/new.example"));
}

TEST_F(StsStoreTest, TakesALimitedPartOfTheMemory) {
  const std::string large(60 * 1024, 'x');
  StsStore memory("");
  constexpr std::size_t kFit = StsStore::kMaxMemory / (60 * 1024);
  for (std::size_t i = 0; i < kFit + 10; ++i) memory.Keep(std::to_string(i) + ".example", {"1", 1000, large});
  EXPECT_TRUE(memory.Find("0.example"));
  EXPECT_FALSE(memory.Find(std::to_string(kFit) + ".example"));
}

TEST(StsEntry, IsInForceForItsTime) {
  const StsEntry entry{"1", 1000, kText};
  EXPECT_TRUE(entry.PolicyAt(1000));
  EXPECT_TRUE(entry.PolicyAt(1099));
  EXPECT_FALSE(entry.PolicyAt(1100));
  EXPECT_FALSE(entry.PolicyAt(999)) << "the clock was set back: who knows how long it is";
  EXPECT_FALSE((StsEntry{"1", 1000, "nonsense"}.PolicyAt(1000)));
}

}  // namespace
