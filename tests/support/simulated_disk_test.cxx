// SPDX-License-Identifier: BSD-2-Clause
#include "support/simulated_disk.hxx"

#include "base/disk_file.hxx"
#include "base/error.hxx"
#include "base/file.hxx"
#include "support/simulated_process.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <dirent.h>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <system_error>
#include <vector>

namespace {

using Rule = SimulatedDisk::Rule;
using Call = SimulatedProcess::Call;
using Fault = SimulatedProcess::Fault;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr uid_t kAlice = 1000;
constexpr gid_t kMail = 8;
constexpr unsigned kSeeds = 60;  // enough for each outcome of a case here

constexpr Rule kRules[] = {Rule::Journal, Rule::OwnNames, Rule::Posix};

/// A disk with one directory, "/box".
struct Box {
  explicit Box(Rule rule = Rule::Journal, std::uint64_t seed = 1) : disk(rule, seed) {
    disk.MakeDirectory("/box", 0700, {0, 0});
    directory = disk.OpenDirectory("/box");
  }
  [[nodiscard]] FileAt At(const std::string& name) const { return {directory, name}; }
  UniqueFd Put(const std::string& name, const std::string& text) {
    UniqueFd file = Open(process, At(name), O_RDWR | O_CREAT, 0600);
    WriteAll(process, file, text);
    return file;
  }

  SimulatedDisk disk;
  UniqueFd directory;
  SimulatedProcess process{disk, kAlice, kAlice};
};

/// What is in "/box" after power failures: each outcome that was drawn.
template <typename Step, typename Look>
auto Outcomes(Rule rule, const Step& step, const Look& look) {
  std::set<decltype(look(std::declval<Box&>()))> outcomes;
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Box box(rule, seed);
    step(box);
    box.disk.CutPower();
    outcomes.insert(look(box));
  }
  return outcomes;
}

auto NamesOf(const Box& box) {
  return box.disk.Names("/box");
}
std::string ContentOf(const Box& box) {
  return box.disk.Has("/box/file") ? box.disk.Content("/box/file") : "(none)";
}

TEST(SimulatedDisk, KeepsWhatWasSyncedWithItsName) {
  for (const auto rule : kRules) {
    const auto step = [](Box& box) {
      Sync(box.process, box.Put("file", "text"));
      Sync(box.process, box.directory);
    };
    EXPECT_THAT(Outcomes(rule, step, ContentOf), ElementsAre("text"));
  }
}

TEST(SimulatedDisk, KeepsAllThatWasThereForAWhile) {
  for (const auto rule : kRules) {
    const auto step = [](Box& box) {
      box.Put("file", "text");
      box.disk.WriteBack();
    };
    EXPECT_THAT(Outcomes(rule, step, ContentOf), ElementsAre("text"));
  }
}

TEST(SimulatedDisk, KeepsANameWithTheFileOrWithItsDirectoryOnly) {
  const auto step = [](Box& box) { Sync(box.process, box.Put("file", "text")); };
  EXPECT_THAT(Outcomes(Rule::Journal, step, ContentOf), ElementsAre("text"));
  EXPECT_THAT(Outcomes(Rule::OwnNames, step, ContentOf), ElementsAre("text"));
  EXPECT_THAT(Outcomes(Rule::Posix, step, ContentOf), UnorderedElementsAre("text", "(none)"));
}

TEST(SimulatedDisk, KeepsABeginningOfTheChangesOrAnyOfThem) {
  const auto step = [](Box& box) {
    box.Put("a", "");
    box.Put("b", "");
  };
  const std::vector<std::string> none, a = {"a"}, b = {"b"}, both = {"a", "b"};
  EXPECT_THAT(Outcomes(Rule::Journal, step, NamesOf), UnorderedElementsAre(none, a, both));
  EXPECT_THAT(Outcomes(Rule::OwnNames, step, NamesOf), UnorderedElementsAre(none, a, b, both));
  EXPECT_THAT(Outcomes(Rule::Posix, step, NamesOf), UnorderedElementsAre(none, a, b, both));
}

TEST(SimulatedDisk, StoresAnotherFilesNameWithAJournalOnly) {
  const auto step = [](Box& box) {
    box.Put("file", "");
    Sync(box.process, box.Put("other", ""));
  };
  const std::vector<std::string> other = {"other"}, both = {"file", "other"};
  EXPECT_THAT(Outcomes(Rule::Journal, step, NamesOf), ElementsAre(both));
  EXPECT_THAT(Outcomes(Rule::OwnNames, step, NamesOf), UnorderedElementsAre(other, both));
}

TEST(SimulatedDisk, RenamesAtOnceOrNotAtAll) {
  for (const auto rule : kRules) {
    const auto step = [](Box& box) {
      box.Put("file", "old");
      box.Put("new", "new");
      box.disk.WriteBack();
      Rename(box.process, box.At("new"), box.At("file"));
    };
    EXPECT_THAT(Outcomes(rule, step, ContentOf), UnorderedElementsAre("old", "new"));
    EXPECT_THAT(Outcomes(rule, step, NamesOf), UnorderedElementsAre(std::vector<std::string>{"file", "new"},
                                                                    std::vector<std::string>{"file"}));
  }
}

TEST(SimulatedDisk, NeverStoresARenameWithoutWhatWasRenamed) {
  const auto step = [](Box& box) {
    SyncData(box.process, box.Put("new", "text"));
    Rename(box.process, box.At("new"), box.At("file"));
  };
  for (const auto rule : kRules)
    EXPECT_THAT(Outcomes(rule, step, ContentOf), UnorderedElementsAre("text", "(none)"));
}

TEST(SimulatedDisk, CutsWhatWasWrittenSinceTheLastSync) {
  const auto step = [](Box& box) {
    const UniqueFd file = box.Put("file", "abc");
    box.disk.WriteBack();
    WriteAll(box.process, file, "d");
    EXPECT_EQ(box.process.PWrite(file, "AB", 0), 2);
  };
  EXPECT_THAT(Outcomes(Rule::Journal, step, ContentOf), UnorderedElementsAre("abc", "abcd", "Abcd", "ABcd"));
}

TEST(SimulatedDisk, MayMixSectors) {
  const auto step = [](Box& box) { box.Put("file", std::string(512, 'a') + std::string(512, 'b')); };
  const auto has_hole = [](const Box& box) {
    const auto content = ContentOf(box);
    return content.ends_with('b') && content.find('\0') != content.npos;
  };
  EXPECT_THAT(Outcomes(Rule::Posix, step, has_hole), Contains(true));
  EXPECT_THAT(Outcomes(Rule::Journal, step, has_hole), ElementsAre(false));
}

TEST(SimulatedDisk, LosesWhatASyncCouldNotWrite) {
  const auto step = [](Box& box) {
    const UniqueFd file = box.Put("file", "text");
    box.process.FailAt({.call = Call::FSync, .error = EIO});
    EXPECT_LT(box.process.FSync(file), 0);
    EXPECT_EQ(box.disk.Content("/box/file"), "text");
    EXPECT_EQ(box.process.FSync(file), 0);
  };
  EXPECT_THAT(Outcomes(Rule::Journal, step, ContentOf), Contains("te"));
}

TEST(SimulatedDisk, DrawsTheSameFromTheSameSeed) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto run = [seed] {
      Box box(Rule::OwnNames, seed);
      for (const char* name : {"a", "b", "c", "d"}) box.Put(name, "some text");
      box.disk.CutPower();
      std::string all;
      for (const auto& name : box.disk.Names("/box")) all += name + box.disk.Content("/box/" + name);
      return all;
    };
    EXPECT_EQ(run(), run());
  }
}

TEST(SimulatedDisk, HasDescriptorsOfTheKernel) {
  Box box;
  UniqueFd file = box.Put("file", "text");
  char room[8];
  EXPECT_EQ(::pread(file.Get(), room, sizeof room, 1), 3);
  const UniqueFd reader = Open(box.process, box.At("file"), O_RDONLY);
  EXPECT_LT(box.process.Write(reader, "x"), 0);
  EXPECT_EQ(errno, EBADF);
  RemoveFile(box.process, box.At("file"));
  EXPECT_FALSE(box.disk.Has("/box/file"));
  EXPECT_EQ(ReadAll(box.process, reader, 100), "text");
  EXPECT_EQ(StatusOf(box.process, reader).st_nlink, 0U);
}

TEST(SimulatedDisk, DoesNotKnowDescriptorsFromBeforeAPowerFailure) {
  Box box;
  const UniqueFd file = box.Put("file", "text");
  box.disk.WriteBack();
  box.disk.CutPower();
  SimulatedProcess process(box.disk, 0, 0);
  struct stat status;
  EXPECT_LT(process.FStat(file, status), 0);
  EXPECT_EQ(errno, EBADF);
  EXPECT_FALSE(TryOpen(process, box.At("file"), O_RDONLY));
  EXPECT_TRUE(TryOpen(process, {box.disk.OpenDirectory("/box"), "file"}, O_RDONLY));
}

TEST(SimulatedDisk, LinksAFileWithoutAName) {
  Box box;
  const UniqueFd file = box.process.OpenAt({FdRef(AT_FDCWD), "/box"}, O_TMPFILE | O_RDWR, 0600);
  ASSERT_TRUE(file);
  WriteAll(box.process, file, "text");
  EXPECT_THAT(box.disk.Names("/box"), IsEmpty());
  ASSERT_EQ(box.process.LinkAt(file, {FdRef(AT_FDCWD), "/box/file"}), 0);
  EXPECT_EQ(box.disk.Content("/box/file"), "text");
  EXPECT_LT(box.process.LinkAt(file, box.At("file")), 0);
  EXPECT_EQ(errno, EEXIST);
}

TEST(SimulatedDisk, KnowsOwnersAndTheGroupOfADirectory) {
  Box box;
  box.disk.MakeDirectory("/box/shared", 03733, {0, kMail});
  for (const auto& [path, group] : {std::pair("/box/file", kAlice), std::pair("/box/shared/file", kMail)}) {
    const FileAt at{FdRef(AT_FDCWD), path};
    const UniqueFd file = Open(box.process, at, O_WRONLY | O_CREAT, 0600);
    ASSERT_EQ(box.process.FChMod(file, 0640), 0);
    const auto status = FindStatus(box.process, at);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->st_uid, kAlice);
    EXPECT_EQ(status->st_gid, group) << path;
    EXPECT_EQ(status->st_mode, S_IFREG | 0640U);
    EXPECT_EQ(status->st_nlink, 1U);
  }
}

TEST(SimulatedDisk, SaysWhatTheKernelWouldSay) {
  Box box;
  box.Put("file", "");
  box.Put("other", "");
  box.disk.MakeDirectory("/box/directory", 0700, {0, 0});
  const auto at = [&](const char* name) { return box.At(name); };
  auto& process = box.process;
  const auto error_of = [](auto call) { return call() < 0 ? errno : 0; };
  EXPECT_EQ(error_of([&] { return process.RenameAt(at("none"), at("file"), 0); }), ENOENT);
  EXPECT_EQ(error_of([&] { return process.RenameAt(at("file"), at("other"), RENAME_NOREPLACE); }), EEXIST);
  EXPECT_EQ(error_of([&] { return process.RenameAt(at("file"), at("directory"), 0); }), EISDIR);
  EXPECT_EQ(error_of([&] { return process.UnlinkAt(at("none"), 0); }), ENOENT);
  EXPECT_EQ(error_of([&] { return process.UnlinkAt(at("file"), AT_REMOVEDIR); }), ENOTDIR);
  EXPECT_EQ(error_of([&] { return process.UnlinkAt(at("directory"), 0); }), EISDIR);
  EXPECT_EQ(error_of([&] { return process.UnlinkAt({FdRef(AT_FDCWD), "/box"}, AT_REMOVEDIR); }), ENOTEMPTY);
  EXPECT_EQ(error_of([&] { return process.MkDirAt(at("file"), 0700); }), EEXIST);
  EXPECT_EQ(error_of([&] { return process.RenameAt(at("file"), at("other"), 0); }), 0);
  EXPECT_EQ(error_of([&] { return process.UnlinkAt(at("directory"), AT_REMOVEDIR); }), 0);
  const auto open_error = [&](const char* name, int flags) {
    return TryOpen(process, at(name), flags, 0600) ? 0 : errno;
  };
  EXPECT_EQ(open_error("none", O_RDONLY), ENOENT);
  EXPECT_EQ(open_error("other", O_WRONLY | O_CREAT | O_EXCL), EEXIST);
  EXPECT_EQ(open_error("other", O_RDONLY | O_DIRECTORY), ENOTDIR);
  EXPECT_EQ(open_error(".", O_WRONLY), EISDIR);
}

TEST(SimulatedDisk, ListsNamesThatStayOnce) {
  Box box;
  std::set<std::string> expected;
  for (int i = 0; i < 50; ++i) expected.insert(std::to_string(i));
  for (const auto& name : expected) box.Put(name, "");
  const UniqueFd listing = Open(box.process, box.At("."), O_RDONLY | O_DIRECTORY);
  std::set<std::string> found;
  alignas(dirent64) char room[100];
  for (;;) {
    const ssize_t size = box.process.GetDents(listing, room);
    ASSERT_GE(size, 0);
    if (size == 0) break;
    for (ssize_t at = 0; at < size;) {
      const auto* const record = reinterpret_cast<const dirent64*>(room + at);
      EXPECT_TRUE(found.insert(record->d_name).second) << record->d_name;
      RemoveFile(box.process, box.At(record->d_name));
      at += record->d_reclen;
    }
  }
  EXPECT_EQ(found, expected);
}

TEST(SimulatedDisk, KeepsAFileOpenableThatIsRenamed) {
  Box box;
  box.Put("file", "text");
  Rename(box.process, box.At("file"), box.At("moved"));
  EXPECT_EQ(box.disk.Content("/box/moved"), "text");
}

TEST(SimulatedDisk, TellsOfNamesThatAppear) {
  Box box;
  const UniqueFd watch = box.process.Watch(box.directory);
  ASSERT_TRUE(watch);
  constexpr unsigned kFiles = 2000;  // more than a socket takes at once
  for (unsigned i = 0; i < kFiles; ++i) box.Put("name-" + std::to_string(i), "");
  Rename(box.process, box.At("name-0"), box.At("moved"));
  std::vector<std::string> names;
  alignas(inotify_event) char room[4096];
  for (;;) {
    if (::read(watch.Get(), room, sizeof room) <= 0) break;
    names.emplace_back(room + sizeof(inotify_event));
    static_cast<void>(FindStatus(box.process, box.At("moved")));
  }
  EXPECT_EQ(names.size(), kFiles + 1);
  EXPECT_EQ(names.back(), "moved");
}

TEST(SimulatedDisk, KeepsNoDescriptorOfAFileWithoutAName) {
  const auto count = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  Box box;
  const auto before = count();
  for (int i = 0; i < 1000; ++i) {
    box.Put("file", "");
    RemoveFile(box.process, box.At("file"));
    static_cast<void>(Open(box.process, box.At("."), O_TMPFILE | O_RDWR));
  }
  EXPECT_EQ(count(), before);
}

TEST(SimulatedProcess, DoesNothingFromWhereItStops) {
  Box box;
  box.process.StopAt(3);
  const UniqueFd file = Open(box.process, box.At("file"), O_WRONLY | O_CREAT, 0600);
  WriteAll(box.process, file, "text");
  EXPECT_FALSE(box.process.IsStopped());
  EXPECT_THROW(WriteAll(box.process, file, "more"), std::system_error);
  EXPECT_TRUE(box.process.IsStopped());
  EXPECT_THROW(RemoveFile(box.process, box.At("file")), std::system_error);
  EXPECT_EQ(box.disk.Content("/box/file"), "text");
  EXPECT_EQ(box.process.Calls(), 3U);
}

TEST(SimulatedProcess, FailsCallsAsPlanned) {
  using Repeat = Fault::Repeat;
  const struct {
    Fault fault;
    const char* result;  // of calls of fsync(2): 1 is a failure
  } cases[] = {
      {{.call = Call::FSync, .first = 2, .repeat = Repeat::Once, .error = EIO}, "0100000"},
      {{.call = Call::FSync, .first = 3, .repeat = Repeat::Always, .error = EIO}, "0011111"},
      {{.call = Call::FSync, .first = 2, .repeat = Repeat::EveryThird, .error = EIO}, "0100100"},
      {{.call = Call::FDataSync, .repeat = Repeat::Always, .error = EIO}, "0000000"},
      {{.first = 7, .error = EIO}, "0000001"},
  };
  for (const auto& c : cases) {
    Box box;
    box.process.FailAt(c.fault);
    std::string result;
    for (int i = 0; i < 7; ++i) result += box.process.FSync(box.directory) < 0 ? '1' : '0';
    EXPECT_EQ(result, c.result);
  }
}

TEST(SimulatedProcess, DoesHalfOfACallOrNothing) {
  Box box;
  box.process.FailAt({.call = Call::Write, .error = Fault::kShort});
  box.process.FailAt({.call = Call::PRead, .error = 0});
  const UniqueFd file = Open(box.process, box.At("file"), O_RDWR | O_CREAT, 0600);
  EXPECT_EQ(box.process.Write(file, "abcd"), 2);
  EXPECT_EQ(box.process.Write(file, "cd"), 2);
  std::string room(4, ' ');
  EXPECT_EQ(box.process.PRead(file, room, 0), 0);
  EXPECT_EQ(box.process.PRead(file, room, 0), 4);
  EXPECT_EQ(room, "abcd");
}

TEST(SimulatedProcess, TellsWhatItDoes) {
  Box box;
  std::vector<std::string> lines;
  box.process.SetTrace([&](const std::string& line) { lines.push_back(line); });
  Sync(box.process, box.Put("new", "text"));
  Rename(box.process, box.At("new"), box.At("file"));
  EXPECT_LT(box.process.UnlinkAt(box.At("none"), 0), 0);
  box.process.Stop();
  EXPECT_LT(box.process.FSync(box.directory), 0);
  EXPECT_THAT(
      lines, ElementsAre(testing::StartsWith("1 openat box/new: "), "2 write new: 4", "3 fsync new: 0",
                         "4 renameat box/new box/file: 0", "5 unlinkat box/none: No such file or directory"));
}

}  // namespace
