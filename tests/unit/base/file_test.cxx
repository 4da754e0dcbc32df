// SPDX-License-Identifier: BSD-2-Clause
#include "base/file.hxx"

#include "base/error.hxx"
#include "temporary_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <thread>

namespace {

class File : public testing::Test {
 protected:
  [[nodiscard]] FileAt At(const std::string& name) const { return {directory, name}; }
  [[nodiscard]] std::string Content(const std::string& name) const {
    return ReadAll(OpenBeneath(At(name), O_RDONLY), 1 << 24);
  }
  void Put(const std::string& name, std::string_view text) const {
    std::ofstream(temporary / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(temporary.Path()))
      names.push_back(entry.path().filename());
    return names;
  }

  TemporaryDirectory temporary;
  UniqueFd directory = OpenDirectory(temporary.Path());
};

// What @p call throws, as an errno value; 0 if it throws nothing.
template <typename Call>
int ErrnoOf(Call call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error.code().value();
  }
  return 0;
}

std::string Pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

}  // namespace

TEST_F(File, OpenDirectoryRefusesAFile) {
  Put("file", "");
  EXPECT_EQ(ErrnoOf([&] { (void)OpenDirectory(temporary / "file"); }), ENOTDIR);
  EXPECT_EQ(ErrnoOf([&] { (void)OpenDirectory(temporary / "none"); }), ENOENT);
}

TEST_F(File, OpenBeneathOpensWhatIsThereCloseOnExec) {
  Put("file", "text");
  const UniqueFd fd = OpenBeneath(At("file"), O_RDONLY);
  EXPECT_EQ(ReadAll(fd, 100), "text");
  EXPECT_TRUE(::fcntl(fd.Get(), F_GETFD) & FD_CLOEXEC);
}

TEST_F(File, OpenBeneathCreatesWithTheMode) {
  const UniqueFd fd = OpenBeneath(At("new"), O_WRONLY | O_CREAT | O_EXCL, 0600);
  struct stat status;
  ASSERT_EQ(::fstat(fd.Get(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_FALSE(TryOpenBeneath(At("new"), O_WRONLY | O_CREAT | O_EXCL, 0600));
  EXPECT_EQ(errno, EEXIST);
}

TEST_F(File, OpenBeneathFollowsNoSymbolicLink) {
  Put("file", "secret");
  std::filesystem::create_directory(temporary / "sub");
  Put("sub/file", "secret");
  ASSERT_EQ(::symlink("file", (temporary / "link").c_str()), 0);
  ASSERT_EQ(::symlink("/etc/passwd", (temporary / "out").c_str()), 0);
  ASSERT_EQ(::symlink("sub", (temporary / "sublink").c_str()), 0);
  for (const char* name : {"link", "out", "sublink/file"}) {
    EXPECT_FALSE(TryOpenBeneath(At(name), O_RDONLY)) << name;
    EXPECT_EQ(errno, ELOOP) << name;
    EXPECT_EQ(ErrnoOf([&] { (void)OpenBeneath(At(name), O_RDONLY); }), ELOOP) << name;
  }
  EXPECT_TRUE(TryOpenBeneath(At("sub/file"), O_RDONLY));
}

TEST_F(File, OpenBeneathDoesNotWriteThroughALink) {
  ASSERT_EQ(::symlink("target", (temporary / "link").c_str()), 0);
  EXPECT_FALSE(TryOpenBeneath(At("link"), O_WRONLY | O_CREAT, 0600));
  EXPECT_FALSE(std::filesystem::exists(temporary / "target"));
}

TEST_F(File, OpenBeneathDoesNotLeaveTheDirectory) {
  for (const char* name : {"../..", "/etc/passwd", "..", "sub/../../x"}) {
    std::filesystem::create_directory(temporary / "sub");
    EXPECT_FALSE(TryOpenBeneath(At(name), O_RDONLY)) << name;
    EXPECT_EQ(errno, EXDEV) << name;
  }
}

TEST_F(File, OpenBeneathDoesNotWaitForAFifo) {
  ASSERT_EQ(::mkfifo((temporary / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(TryOpenBeneath(At("fifo"), O_RDONLY | O_NONBLOCK));
  EXPECT_FALSE(TryOpenBeneath(At("fifo"), O_WRONLY | O_NONBLOCK));
  EXPECT_EQ(errno, ENXIO);
}

TEST_F(File, ReadAllHasALimit) {
  Put("file", std::string(10000, 'x'));
  EXPECT_EQ(ReadAll(OpenBeneath(At("file"), O_RDONLY), 10000).size(), 10000U);
  EXPECT_EQ(ErrnoOf([&] { (void)ReadAll(OpenBeneath(At("file"), O_RDONLY), 9999); }), EFBIG);
}

TEST_F(File, ReadAllReportsWhatCannotBeRead) {
  EXPECT_EQ(ErrnoOf([&] { (void)ReadAll(directory, 10); }), EISDIR);
}

TEST_F(File, WriteAllSurvivesShortWrites) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  const std::string text = Pattern(300000);  // more than a pipe holds
  std::string received;
  std::thread reader([&] { received = ReadAll(in, text.size()); });
  WriteAll(out, text);
  out.Close();
  reader.join();
  EXPECT_EQ(received, text);
}

TEST_F(File, CopyRangeCopiesAPart) {
  Put("in", "0123456789");
  const UniqueFd in = OpenBeneath(At("in"), O_RDONLY);
  const UniqueFd out = OpenBeneath(At("out"), O_WRONLY | O_CREAT, 0600);
  WriteAll(out, ">");
  EXPECT_EQ(CopyRange(in, 3, out, 4), 4U);
  WriteAll(out, "<");
  EXPECT_EQ(Content("out"), ">3456<");
  EXPECT_EQ(::lseek(in.Get(), 0, SEEK_CUR), 0);  // the offset of a shared file stays where it was
}

TEST_F(File, CopyRangeSaysHowManyWereThere) {
  Put("in", "0123456789");
  const UniqueFd in = OpenBeneath(At("in"), O_RDONLY);
  const UniqueFd out = OpenBeneath(At("out"), O_WRONLY | O_CREAT, 0600);
  EXPECT_EQ(CopyRange(in, 6, out, 100), 4U);
  EXPECT_EQ(CopyRange(in, 10, out, 1), 0U);
  EXPECT_EQ(CopyRange(in, 99, out, 1), 0U);
  EXPECT_EQ(CopyRange(in, 0, out, 0), 0U);
  EXPECT_EQ(Content("out"), "6789");
}

TEST_F(File, CopyRangeCopiesToWhatTheKernelDoesNot) {
  const std::string text = Pattern(200000);
  Put("in", text);
  const UniqueFd in = OpenBeneath(At("in"), O_RDONLY);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd receiving(ends[0]);
  UniqueFd sending(ends[1]);
  std::string received;
  std::thread reader([&] { received = ReadAll(receiving, text.size()); });
  EXPECT_EQ(CopyRange(in, 5, sending, text.size()), text.size() - 5);
  sending.Close();
  reader.join();
  EXPECT_EQ(received, text.substr(5));
}

TEST_F(File, CopyRangeReportsAFailure) {
  Put("in", "text");
  const UniqueFd in = OpenBeneath(At("in"), O_RDONLY);
  EXPECT_EQ(ErrnoOf([&] { (void)CopyRange(in, 0, UniqueFd(::open("/dev/full", O_WRONLY)), 4); }), ENOSPC);
}

TEST_F(File, ReplaceFileMakesAndReplaces) {
  ReplaceFile(At("name"), "old", 0600);
  EXPECT_EQ(Content("name"), "old");
  ReplaceFile(At("name"), "new and longer", 0640);
  EXPECT_EQ(Content("name"), "new and longer");
  struct stat status;
  ASSERT_EQ(::stat((temporary / "name").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
  EXPECT_THAT(Names(), testing::ElementsAre("name"));
}

TEST_F(File, ReplaceFileGoesOnAfterACrash) {
  Put(".name.new", "half of a longer content than what follows");
  ReplaceFile(At("name"), "whole", 0600);
  EXPECT_EQ(Content("name"), "whole");
  EXPECT_THAT(Names(), testing::ElementsAre("name"));
}

TEST_F(File, ReplaceFileReplacesALinkAndNotItsTarget) {
  Put("target", "untouched");
  ASSERT_EQ(::symlink("target", (temporary / "name").c_str()), 0);
  ASSERT_EQ(::symlink("target", (temporary / ".name.new").c_str()), 0);
  ReplaceFile(At("name"), "content", 0600);
  EXPECT_EQ(Content("target"), "untouched");
  EXPECT_EQ(Content("name"), "content");
}

TEST_F(File, ReplaceFileLeavesAnOpenReaderTheOldContent) {
  ReplaceFile(At("name"), "old", 0600);
  const UniqueFd reader = OpenBeneath(At("name"), O_RDONLY);
  ReplaceFile(At("name"), "new", 0600);
  EXPECT_EQ(ReadAll(reader, 100), "old");
}

TEST_F(File, RemoveFileDoesNotMindAMissingName) {
  Put("name", "");
  RemoveFile(At("name"));
  RemoveFile(At("name"));
  EXPECT_THAT(Names(), testing::IsEmpty());
  std::filesystem::create_directory(temporary / "sub");
  EXPECT_EQ(ErrnoOf([&] { RemoveFile(At("sub")); }), EISDIR);
}
