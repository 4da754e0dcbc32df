// SPDX-License-Identifier: BSD-2-Clause
// sendmail killed before and after each of its system calls: drop/ has the whole message or nothing.
#include "base/fd.hxx"
#include "killed_at.hxx"
#include "private_drop.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <cstdlib>

namespace {

constexpr unsigned kSignals = 2;  // execve(2), and TEST_STOP, before which nothing is written

// In the child: becomes sendmail, with a message that takes several reads.
void BecomeSendmail(const std::string& drop, FdRef message) {
  const std::string variables[] = {"TEST_DROP=" + drop,
                                   "TEST_SOCKET=/nonexistent",
                                   "TEST_DOMAIN=d.example",
                                   "TEST_USER=alice",
                                   "TEST_UID=1000",
                                   "TEST_STOP=1",
                                   "ASAN_OPTIONS=detect_leaks=0"};  // which needs ptrace(2)
  std::vector<char*> environment;
  for (const auto& variable : variables) environment.push_back(const_cast<char*>(variable.c_str()));
  environment.push_back(nullptr);
  ::lseek(message.Get(), 0, SEEK_SET);
  ::dup2(message.Get(), STDIN_FILENO);
  ::execle(TEST_SENDMAIL, "sendmail", "-i", "bob", nullptr, environment.data());
}

TEST(Sendmail, LeavesAWholeMessageOrNothingWhereverItIsKilled) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const FdRef message(::fileno(file));
  const std::string text = "Subject: t\n\n" + std::string(200000, 'x') + "\n";
  ASSERT_EQ(::write(message.Get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));

  unsigned nothing = 0, whole = 0;
  const auto places = ForEachPlaceToDie([&](unsigned stop) {
    const PrivateDrop drop;
    const bool ended = EndsBeforeKilledAt(
        stop, [&] { BecomeSendmail(drop.Path(), message); }, kSignals);
    const auto names = drop.Names();
    EXPECT_LE(names.size(), 1U);
    EXPECT_EQ(drop.Messages().size(), names.size()) << "a torn message at stop " << stop;
    ++(names.empty() ? nothing : whole);
    EXPECT_TRUE(!ended || names.size() == 1);
    return ended;
  });
  std::fclose(file);
  EXPECT_GT(nothing, 10U) << places;
  EXPECT_GT(whole, 2U) << places;
}

}  // namespace
