// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/story.hxx"

#include "programs/runner/submitters.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

// It stands in for that of the C library in this program. There is no journal here, so lines go to standard
// error.
extern "C" int access(const char* path, int mode) noexcept {
  if (std::string_view(path) == "/run/systemd/journal/socket") return errno = ENOENT, -1;
  return static_cast<int>(::syscall(SYS_faccessat, AT_FDCWD, path, mode));
}

namespace {

const runner::LogShares::Clock::time_point kLogStart{std::chrono::hours(1)};

std::size_t Count(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST(LogShares, OneUsersBurstLeavesOthersTheirLines) {
  runner::LogShares shares;
  std::size_t alices = 0;
  for (int i = 0; i < 100000; ++i) alices += shares.MayLog(1000, kLogStart);
  EXPECT_LE(alices, runner::LogShares::kLines / 2);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(shares.MayLog(1001, kLogStart + 29s)) << i;
  for (std::size_t i = 0; i < runner::LogShares::kRootsLines; ++i)
    EXPECT_TRUE(shares.MayLog(0, kLogStart + 29s)) << i;
}

// Nobody has more lines for having more uids (subuid(5)).
TEST(LogShares, OfUidsThatNobodyKnowsAreOne) {
  runner::LogShares shares;
  shares.DivideBy([](uid_t uid) { return uid < 100000 ? uid : runner::Submitters::kUnknown; });
  std::size_t unknown = 0;
  for (uid_t uid = 100000; uid < 165536; ++uid) unknown += shares.MayLog(uid, kLogStart);
  EXPECT_LE(unknown, runner::LogShares::kLines / 2);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(shares.MayLog(1001, kLogStart)) << i;
  EXPECT_EQ(shares.TakeLeftOut(kLogStart + 30s).size(), 1U);
}

TEST(LogShares, TellsHowManyWereLeftOut) {
  runner::LogShares shares;
  std::size_t alices = 0;
  for (int i = 0; i < 100000; ++i) alices += shares.MayLog(1000, kLogStart);
  EXPECT_TRUE(shares.TakeLeftOut(kLogStart + 29s).empty());
  const auto left_out = shares.TakeLeftOut(kLogStart + 30s);
  ASSERT_EQ(left_out.size(), 1U);
  EXPECT_EQ(left_out.at(1000), 100000 - alices);
  EXPECT_TRUE(shares.MayLog(1000, kLogStart + 30s));
}

TEST(ResultLog, EqualResultsShareALine) {
  mail::Envelope envelope;
  testing::internal::CaptureStderr();
  {
    runner::ResultLog log(envelope);
    for (int i = 0; i < 1000; ++i) {
      const auto address = "user" + std::to_string(i) + "@example.net";
      log.Add(address, address, mail::Deferred("4.4.1", "connection refused"));
    }
    log.Add("bob", "bob@host", mail::Delivered("2.0.0", "there"));
  }
  const auto text = testing::internal::GetCapturedStderr();
  for (const char* user : {"'user0@example.net'", "'user999@example.net'"})
    EXPECT_EQ(Count(text, user), 1U) << user;
  EXPECT_LT(Count(text, "\n"), 20U);
  EXPECT_EQ(Count(text, "'bob' as 'bob@host': delivered 2.0.0 'there'\n"), 1U);
}
