// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/run.hxx"

#include "../courier/no_descriptors.hxx"
#include "command_fixture.hxx"

#include <signal.h>
#include <sys/wait.h>
#include <sysexits.h>

#include <sstream>

namespace {

using command::ReportEnding;
using mail::Outcome;

struct RunCommandTest : CommandTest {
  // root, who may run the tests, runs no commands.
  RunCommandTest() {
    if (user.uid == 0) user.uid = 3000;
  }
  /// Runs the program's first part, which may become a command, in a process of its own.
  /// @return its wait status
  int Run() {
    const pid_t child = ::fork();
    if (child == 0) {
      ::signal(SIGPIPE, SIG_IGN);
      sigset_t all;
      ::sigfillset(&all);
      ::sigprocmask(SIG_BLOCK, &all, nullptr);
      // As main does it: the socket is on descriptor 0, too, until the message is.
      ::dup2(pair.second.Get(), STDIN_FILENO);
      try {
        command::RunCommand(pair.second, user, permissions);
      } catch (...) {
        ::_exit(EX_TEMPFAIL);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }
  /// Runs @p destination, which stands in the forward file, and reports. @return the result
  mail::DeliveryResult RunAndReport(const courier::Request& request) {
    Send(request);
    const int status = Run();
    ReportEnding(pair.second,
                 WIFEXITED(status)
                     ? command::Ending{"exit-code", "exited", std::to_string(WEXITSTATUS(status))}
                     : command::Ending{"signal", "killed", ::sigabbrev_np(WTERMSIG(status))});
    static_cast<void>(output.Drain());
    auto result = TakeResult();
    output.AddTo(result);
    return result;
  }
  mail::DeliveryResult RunForwarded(const std::string& command) {
    Write(".forward", "\"|" + command + "\"\n");
    return RunAndReport(MakeRequest("|" + command));
  }
  [[nodiscard]] std::string Read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(PathOf(name)).rdbuf();
    return text.str();
  }
  void WriteScript(const std::string& name, const std::string& text) const {
    Write(name, "#!/bin/sh\n" + text, 0755);
  }
  [[nodiscard]] std::string Script(const std::string& text) const {
    WriteScript("script", text);
    return home + "/script";
  }
};

TEST_F(RunCommandTest, GivesTheMessageWithItsHeadToTheCommand) {
  const auto result = RunForwarded(Script("cat >message\n"));
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  const auto text = Read("message");
  EXPECT_TRUE(text.starts_with(
      "From bob@example.org Tue Nov 14 22:13:20 2023\nReturn-Path: <bob@example.org>\nX-Mailqueue-Id: "))
      << text;
  EXPECT_NE(
      text.find(
          "\nX-Original-To: alice+x@here.example\nDelivered-To: alice@here.example\nSubject: x\n\nbody\n"),
      std::string::npos)
      << text;
}

TEST_F(RunCommandTest, WaitsForDescriptors) {
  const auto request = MakeRequest("|" + Script("cat >message\n"));
  Write(".forward", request.destination);
  {
    const NoDescriptors none;
    const auto result = RunAndReport(request);
    EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  }
  EXPECT_NE(Read("message").find("\n\nbody\n"), std::string::npos);
}

TEST_F(RunCommandTest, GivesItAFixedEnvironment) {
  auto request = MakeRequest(
      "|" + Script("env -u PWD -u SHLVL -u _ -u OLDPWD | sort >environment\npwd >where\numask >mask\n"));
  Write(".forward", request.destination);
  Write(".forward+x", request.destination);
  request.extension = "x";
  request.envelope.sender = "$(id)\n;id;@example.org";
  EXPECT_EQ(RunAndReport(request).outcome, Outcome::Delivered);
  auto environment = Read("environment");
  const auto shell = environment.find("SHELL=");
  ASSERT_NE(shell, std::string::npos);
  environment.erase(shell, environment.find('\n', shell) + 1 - shell);
  EXPECT_EQ(
      environment,
      "DOMAIN=here.example\nEXTENSION=x\nHOME=" + home +
          "\nLANG=C.UTF-8\nLOGNAME=alice\nORIGINAL_RECIPIENT=alice+x@here.example\n"
          "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin\nRECIPIENT=alice@here.example\n"
          "SENDER=$(id)_;id;@example.org\nUSER=alice\n");
  EXPECT_EQ(Read("where"), home + "\n");
  EXPECT_EQ(Read("mask"), "0077\n");
}

// Whom the command of an alias runs as is no address.
TEST_F(RunCommandTest, TellsTheCommandOfAnAliasTheAliasesAddress) {
  auto request = MakeRequest("|" + Script("echo $RECIPIENT >recipient\ncat >message\n"));
  Write(directory / "aliases", "log: \"" + request.destination + "\"\n");
  Configure("AliasUser=" + user.name + "\nAliases=" + (directory / "aliases"));
  request.alias = "log";
  request.head = "Delivered-To: log@here.example\n";
  const auto result = RunAndReport(request);
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(Read("recipient"), "log@here.example\n");
  EXPECT_EQ(Read("message").find("Delivered-To: " + user.name), std::string::npos) << Read("message");
  EXPECT_NE(Read("message").find("Delivered-To: log@here.example\n"), std::string::npos);
}

TEST_F(RunCommandTest, GivesItThreeDescriptorsAndPlainSignals) {
  const auto result =
      RunForwarded(Script("grep -E '^Sig(Blk|Ign)' /proc/self/status >signals\n"
                          "stat -L -c %F /proc/$$/fd/0 >input\n"
                          "exec ls /proc/self/fd >fds\n"));
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(Read("fds"), "0\n1\n2\n3\n") << "the last is the directory that ls reads";
  EXPECT_EQ(Read("signals"), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  EXPECT_EQ(Read("input"), "regular file\n");
}

TEST_F(RunCommandTest, LeavesTheSocketOutOfItsReach) {
  WriteScript("script", "ls -l /proc/$$/fd >fds\n");
  EXPECT_EQ(RunForwarded(home + "/script").outcome, Outcome::Delivered);
  EXPECT_EQ(Read("fds").find("socket:"), std::string::npos) << Read("fds");
}

TEST_F(RunCommandTest, SplitsTheLineWithoutAShell) {
  WriteScript("script", "for word; do echo \"$word\"; done >words\n");
  const auto result = RunForwarded(home + "/script a 'b c' '$(id)' ';id;' '>x'");
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(Read("words"), "a\nb c\n$(id)\n;id;\n>x\n");
}

TEST_F(RunCommandTest, ReportsAFailureWithTheFirstLine) {
  auto result = RunForwarded(Script("echo no such folder >&2\necho more\nexit 67\n"));
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_EQ(result.status, "5.1.1");
  EXPECT_EQ(result.text, "command '" + home + "/script' exited with status 67: no such folder");
}

TEST_F(RunCommandTest, WorksForOneThatClosesItsOutputOrReadsNothing) {
  EXPECT_EQ(RunForwarded(Script("exec >&- 2>&- <&-\nexit 0\n")).outcome, Outcome::Delivered);
}

TEST_F(RunCommandTest, DefersACommandThatWasKilled) {
  const auto result = RunForwarded(Script("kill -9 $$\n"));
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  EXPECT_TRUE(result.text.ends_with("was killed by SIGKILL, perhaps because it used too much memory"))
      << result.text;
}

TEST_F(RunCommandTest, DefersWhatCanNotBeStarted) {
  Write("plain", "text");
  Write("broken", "#!/none/interpreter\n", 0755);
  const std::pair<std::string, const char*> kCases[] = {{"/none/command", "No such file"},
                                                        {home + "/plain", "Permission denied"},
                                                        {home, "Permission denied"},
                                                        {home + "/broken", "No such file"}};
  for (const auto& [command, words] : kCases) {
    Configure("Mailbox=|" + command);
    pair = courier::MakePair();
    output = courier::CommandOutput();
    Send(MakeRequest("|" + command));
    EXPECT_EQ(Run(), 0) << command;
    const auto result = TakeResult();
    EXPECT_EQ(result.outcome, Outcome::Deferred) << command;
    EXPECT_NE(result.text.find(words), std::string::npos) << result.text;
    EXPECT_NE(result.text.find(command), std::string::npos) << result.text;
    ReportEnding(pair.second, {"success", "exited", "0"});
    EXPECT_FALSE(HasAnswer()) << "it has been answered";
  }
}

TEST_F(RunCommandTest, AnswersWithTheForwardFileWhereItIsAskedForIt) {
  Write(".forward", "carol@example.org\n");
  Configure("Mailbox=|/bin/true");
  auto request = MakeRequest("|/bin/true");
  request.forward = true;
  Send(request);
  EXPECT_EQ(Run(), 0);
  const auto answer = TakeAnswer();
  ASSERT_TRUE(answer && answer->forward);
  EXPECT_EQ(answer->forward->destinations.at(0).text, "carol@example.org");
  ReportEnding(pair.second, {"success", "exited", "0"});
  EXPECT_FALSE(HasAnswer());
}

TEST_F(RunCommandTest, RunsTheMailboxCommandWhereThereIsNoForwardFile) {
  Configure("Mailbox=|/bin/true");
  auto request = MakeRequest("|/bin/true");
  request.forward = true;
  EXPECT_EQ(RunAndReport(request).text, "Delivered to command '/bin/true'");
}

TEST_F(RunCommandTest, ExplainsAndRunsNothing) {
  Write(".forward", "|" + Script("touch ran\n"));
  auto request = MakeRequest("|" + home + "/script");
  request.explain = true;
  Send(request);
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(TakeResult().text, "would run command '" + home + "/script'");
  EXPECT_FALSE(std::filesystem::exists(PathOf("ran")));
}

TEST_F(RunCommandTest, RunsNothingThatNobodyHasWrittenDown) {
  Write(".forward", "|/bin/false\n");
  Send(MakeRequest("|/bin/true"));
  EXPECT_EQ(Run(), 0);
  const auto result = TakeResult();
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  EXPECT_EQ(result.status, "4.7.1");
}

TEST_F(RunCommandTest, WaitsForAHomeThatIsAbsent) {
  user.uid = 60177;  // systemd-homed's, whose home may appear
  user.home = directory / "none";
  Configure("Mailbox=|/bin/true");
  Send(MakeRequest("|/bin/true"));
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(TakeResult().status, courier::kAwaitsHome);
}

TEST_F(RunCommandTest, AnswersNothingThatIsNoRequest) {
  EXPECT_EQ(courier::Send(pair.first, "nonsense"), courier::SendStatus::Sent);
  EXPECT_THROW(command::RunCommand(pair.second, user, permissions), std::runtime_error);
  auto two = MakeRequest("|/bin/true");
  two.envelope.recipients.emplace_back().address = "bob";
  auto [ours, theirs] = courier::MakePair();
  EXPECT_EQ(courier::Send(ours, two.ToText(), message), courier::SendStatus::Sent);
  EXPECT_THROW(command::RunCommand(theirs, user, permissions), std::runtime_error);
  auto [gone, other] = courier::MakePair();
  gone.Close();
  EXPECT_THROW(command::RunCommand(other, user, permissions), std::runtime_error);
}

TEST_F(RunCommandTest, IsReportedWhereSystemdCouldNotStartIt) {
  Send(MakeRequest("|/bin/true"));
  ReportEnding(pair.second, {"exit-code", "exited", "226"});
  const auto result = TakeResult();
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  EXPECT_EQ(result.text, "command '/bin/true' could not be started: systemd gave up with status '226'");
}

TEST_F(RunCommandTest, IsReportedToNobodyWhereTheRunnerHasGone) {
  Send(MakeRequest("|/bin/true"));
  pair.first.Close();
  EXPECT_NO_THROW(ReportEnding(pair.second, {"exit-code", "exited", "0"}));
}

}  // namespace
