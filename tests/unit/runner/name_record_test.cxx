// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/name_record.hxx"

#include "base/file.hxx"
#include "programs/runner/settings_watch.hxx"
#include "support/simulated_disk.hxx"
#include "support/simulated_process.hxx"
#include "unit/base/temporary_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace {

using runner::NameRecord;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class NameRecordTest : public testing::Test {
 protected:
  TemporaryDirectory directory;
  UniqueFd fd = OpenDirectory(directory.Path());
};

TEST_F(NameRecordTest, KnowsAfterARestartWhatWasAdded) {
  EXPECT_THAT(NameRecord(RealDisk(), fd).All(), IsEmpty());
  NameRecord(RealDisk(), fd).Add({"one.example", "mail.example"});
  NameRecord second(RealDisk(), fd);
  second.Add({"two.example", "mail.example"});
  EXPECT_THAT(second.All(), ElementsAre("one.example", "mail.example", "two.example"));
  EXPECT_THAT(NameRecord(RealDisk(), fd).All(), ElementsAre("one.example", "mail.example", "two.example"));
}

TEST_F(NameRecordTest, KnowsTodaysOnlyWhenNoMailIsLeft) {
  NameRecord record(RealDisk(), fd);
  record.Add({"one.example"});
  record.Add({"two.example"});
  record.Reset({"two.example"});
  EXPECT_THAT(NameRecord(RealDisk(), fd).All(), ElementsAre("two.example"));
}

TEST_F(NameRecordTest, HasALimit) {
  NameRecord record(RealDisk(), fd);
  for (std::size_t i = 0; i < 2 * NameRecord::kMaxNames; ++i)
    record.Add({"n" + std::to_string(i) + ".example"});
  EXPECT_THAT(NameRecord(RealDisk(), fd).All(), SizeIs(NameRecord::kMaxNames));
  EXPECT_EQ(record.All().back(), "n31.example");
}

TEST_F(NameRecordTest, BelievesNoNonsense) {
  std::ofstream(directory / ".names") << "one.example\n\nx y\n*\n@\n";
  EXPECT_THAT(NameRecord(RealDisk(), fd).All(), ElementsAre("one.example"));
  std::filesystem::remove(directory / ".names");
  std::filesystem::create_directory(directory / ".names");
  EXPECT_THAT(NameRecord(RealDisk(), fd).All(), IsEmpty());
}

// A call that fails is not an empty file.
TEST_F(NameRecordTest, KeepsWhatCanNotBeReadNow) {
  std::string text;
  while (text.size() < 70000) text += "old.example\n";
  std::ofstream(directory / ".names") << text;
  NameRecord record(RealDisk(), fd);
  record.Add({"new.example"});
  EXPECT_THAT(record.All(), ElementsAre("new.example"));
  EXPECT_EQ(std::filesystem::file_size(directory / ".names"), text.size());
  std::ofstream(directory / ".names") << "old.example\n";
  record.Add({"other.example"});
  EXPECT_THAT(NameRecord(RealDisk(), fd).All(), ElementsAre("new.example", "old.example", "other.example"));
}

TEST(NameRecordPower, KeepsTheOldNamesOrTheNew) {
  const std::vector<std::string> before = {"old.example"}, after = {"old.example", "new.example"};
  for (unsigned stop = 1, calls = stop; stop <= calls; ++stop) {
    for (unsigned seed = 0; seed < 4; ++seed) {
      SimulatedDisk disk(SimulatedDisk::Rule::OwnNames, seed);
      disk.MakeDirectory("/queue", 0700, {});
      const UniqueFd queue = disk.OpenDirectory("/queue");
      SimulatedProcess process(disk, 0, 0);
      NameRecord record(process, queue);
      record.Add(before);
      const auto made = process.Calls();
      process.StopAt(stop);
      record.Add(after);
      const bool is_added = !process.IsStopped();
      calls = is_added ? process.Calls() - made : stop + 1;
      disk.CutPower();
      SimulatedProcess next(disk, 0, 0);
      const UniqueFd again = disk.OpenDirectory("/queue");
      const auto names = NameRecord(next, again).All();
      EXPECT_TRUE(names == after || (!is_added && names == before)) << "stopped at call " << stop;
    }
  }
}

TEST_F(NameRecordTest, IsReadAgainWithTheSettings) {
  std::filesystem::create_directory(directory / ".names");
  runner::SettingsWatch settings("/nonexistent");
  settings.KeepNames(RealDisk(), fd, std::chrono::seconds(0));
  EXPECT_FALSE(settings.Refresh()->IsLocalDomain("old.example"));
  std::filesystem::remove(directory / ".names");
  std::ofstream(directory / ".names") << "old.example\n";
  EXPECT_TRUE(settings.Refresh()->IsLocalDomain("old.example"));
}

}  // namespace
