// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/outcome.hxx"

#include <gtest/gtest.h>

namespace {

using command::Ending;
using command::ResultOf;
using mail::Outcome;

TEST(ResultOf, ReadsHowTheUnitEnded) {
  struct Case {
    Ending ending;
    Outcome outcome;
    const char* status;
    const char* text;
  };
  const Case kCases[] = {
      {{"success", "exited", "0"}, Outcome::Delivered, "2.0.0", "Delivered to command 'x'"},
      {{"exit-code", "exited", "75"}, Outcome::Deferred, "4.3.0", "command 'x' exited with status 75"},
      {{"success", "exited", "75"}, Outcome::Deferred, "4.3.0", "command 'x' exited with status 75"},
      {{"exit-code", "exited", "67"}, Outcome::Failed, "5.1.1", "command 'x' exited with status 67"},
      {{"exit-code", "exited", "1"}, Outcome::Failed, "5.3.0", "command 'x' exited with status 1"},
      {{"exit-code", "exited", "71"}, Outcome::Failed, "5.3.0", "command 'x' exited with status 71"},
      {{"exit-code", "exited", "74"}, Outcome::Failed, "5.3.0", "command 'x' exited with status 74"},
      {{"exit-code", "exited", "226"}, Outcome::Failed, "5.3.0", "command 'x' exited with status 226"},
      {{"signal", "killed", "KILL"},
       Outcome::Deferred,
       "4.3.0",
       "command 'x' was killed by SIGKILL, perhaps because it used too much memory"},
      {{"success", "killed", "SEGV"}, Outcome::Deferred, "4.3.0", "command 'x' was killed by SIGSEGV"},
      {{"success", "exited", "1"}, Outcome::Failed, "5.3.0", "command 'x' exited with status 1"},
      {{"success", "killed", "TERM"}, Outcome::Deferred, "4.3.0", "command 'x' was killed by SIGTERM"},
      {{"core-dump", "dumped", "SEGV"}, Outcome::Deferred, "4.3.0", "command 'x' was killed by SIGSEGV"},
      {{"timeout", "killed", "KILL"},
       Outcome::Deferred,
       "4.3.0",
       "command 'x' was stopped, or ran for too long, and was killed"},
      {{"timeout", "exited", "0"}, Outcome::Delivered, "2.0.0", "Delivered to command 'x'"},
      {{"timeout", "exited", "67"}, Outcome::Failed, "5.1.1", "command 'x' exited with status 67"},
      {{"oom-kill", "killed", "KILL"},
       Outcome::Deferred,
       "4.3.0",
       "command 'x' used too much memory and was killed"},
      {{"watchdog", "killed", "ABRT"}, Outcome::Deferred, "4.3.0", "command 'x' was killed by the watchdog"},
      {{"", "", ""}, Outcome::Deferred, "4.3.0", "command 'x' ended, but nobody knows how: ''"},
      {{"exit-code", "exited", "x"},
       Outcome::Deferred,
       "4.3.0",
       "command 'x' ended, but nobody knows how: 'exit-code'"},
  };
  for (const auto& expected : kCases) {
    const auto result = ResultOf(expected.ending, true, "command 'x'");
    EXPECT_EQ(result.outcome, expected.outcome) << expected.text;
    EXPECT_EQ(result.status, expected.status) << expected.text;
    EXPECT_EQ(result.text, expected.text);
  }
}

TEST(ResultOf, DefersWhatSystemdCouldNotStart) {
  for (const auto* status : {"226", "217", "203", "1", "0", ""}) {
    const auto result = ResultOf({"exit-code", "exited", status}, false, "command 'x'");
    EXPECT_EQ(result.outcome, Outcome::Deferred) << status;
    EXPECT_NE(result.text.find("could not be started"), std::string::npos) << result.text;
  }
}

}  // namespace
