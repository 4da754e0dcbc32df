// SPDX-License-Identifier: BSD-2-Clause
// What the package installs, judged by systemd and by the file system.
#include "base/text.hxx"
#include "fixture.hxx"
#include "paths.h"

#include <fmt/format.h>

#include <sys/stat.h>

#include <filesystem>

using namespace machine;

namespace {

struct stat StatusOf(const std::string& path) {
  struct stat status = {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status;
}

double ExposureOf(const std::string& unit) {
  const auto text = Check({"systemd-analyze", "security", "--no-pager", unit});
  const auto words = SplitList(text.substr(text.find("Overall exposure level")), " \n");
  // "Overall exposure level for UNIT: 1.2 OK 🙂"
  return words.size() > 5 ? std::stod(words[5]) : 99;
}

}  // namespace

class Package : public SystemTest {};

TEST_F(Package, HasNoSetIdFile) {
  const auto files = SplitList(Check({"dpkg", "-L", "mailqueue"}), "\n");
  ASSERT_GT(files.size(), 20U);
  for (const auto& file : files) {
    const auto status = StatusOf(file);
    const bool set_id = S_ISREG(status.st_mode) && status.st_mode & (S_ISUID | S_ISGID);
    EXPECT_FALSE(set_id) << file;
  }
}

TEST_F(Package, ProvidesWhatAMailTransportAgentProvides) {
  for (const char* program :
       {"/usr/sbin/sendmail", "/usr/bin/mailq", "/usr/bin/newaliases", "/usr/bin/mailqueuectl"})
    EXPECT_EQ(::access(program, X_OK), 0) << program;
  EXPECT_EQ(Trim(Check({"dpkg-query", "-W", "-f", "${Provides}", "mailqueue"})), "mail-transport-agent");
  EXPECT_EQ(Execute({.words = {"newaliases"}}).status, 0);
}

TEST_F(Package, ExposesLittle) {
  EXPECT_LE(ExposureOf("mailqueue.service"), 2.0);
  EXPECT_LE(ExposureOf("mailqueue-relay.service"), 2.0);
  EXPECT_LE(ExposureOf("mailqueue-launcher.service"), 2.5);
}

TEST_F(Package, HasUnitsThatSystemdUnderstands) {
  for (const char* unit :
       {"mailqueue.path", "mailqueue.socket", "mailqueue.service", "mailqueue-relay.socket",
        "mailqueue-token.socket", "mailqueue-relay.service", "mailqueue-launcher.socket",
        "mailqueue-launcher.service", "mailqueue-boot.service", "mailqueue-credentials.path",
        "mailqueue-credentials.service"}) {
    const auto ended = Execute({.words = {"systemd-analyze", "verify", "--man=no", unit}});
    EXPECT_EQ(ended.status, 0) << unit << "\n" << ended.err;
    for (const auto& line : SplitList(ended.err, "\n"))
      EXPECT_EQ(line.find("mailqueue"), std::string::npos) << line;
  }
}

// logcheck reads the journal every hour and mails what it does not know: each mail would make the next one.
TEST_F(Package, TellsLogcheckWhatIsRoutine) {
  const auto subject = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(subject));
  (void)WaitForLetter("bob", subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  const std::string routine = "journalctl -q -o short -p info..info _SYSTEMD_UNIT=mailqueue.service";
  EXPECT_NE(Check({"sh", "-c", routine}).find(": delivered 2."), std::string::npos);
  const auto unknown =
      Execute({.words = {"sh", "-c", routine + " | grep -Evf /etc/logcheck/ignore.d.server/mailqueue"}});
  EXPECT_EQ(unknown.out, "");
}

TEST_F(Package, StartsWaitingAtBoot) {
  for (const char* unit : {"mailqueue.path", "mailqueue.socket", "mailqueue-relay.socket",
                           "mailqueue-token.socket", "mailqueue-launcher.socket"})
    EXPECT_EQ(UnitProperty(unit, "UnitFileState"), "enabled") << unit;
}

TEST_F(Package, HasASpoolThatOnlyTheRunnerReads) {
  struct Case {
    const char* path;
    unsigned mode;
  };
  for (const auto& [path, mode] : {Case{"drop", 03733}, Case{"queue", 0700}, Case{"corrupt", 0700}}) {
    const auto status = StatusOf(fmt::format("/var/spool/mailqueue/{}", path));
    EXPECT_EQ(status.st_mode & 07777, mode) << path;
    EXPECT_EQ(fmt::format("{}\n", status.st_uid), Check({"id", "-u", "mailqueue"})) << path;
    EXPECT_NE(
        Execute({.words = {"ls", fmt::format("/var/spool/mailqueue/{}", path)}, .user = "alice"}).status, 0)
        << path;
  }
  EXPECT_EQ(StatusOf("/etc/mailqueue/mailqueue.conf.d").st_mode & 07777, 0755U);
  EXPECT_EQ(StatusOf("/etc/mailqueue/credentials").st_mode & 07777, 0700U);
  EXPECT_EQ(StatusOf("/etc/mailqueue/credentials.encrypted").st_mode & 07777, 0700U);
}

TEST_F(Package, KeepsItsInnerSocketsToItself) {
  for (const char* user : {"alice", "mailqueue-relay"}) {
    for (const char* name : {"launcher", "relay"}) {
      const auto path = fmt::format("{}/{}", MAILQUEUE_RUNDIR, name);
      EXPECT_EQ(Execute({.words = {"test", "-S", path}}).status, 0) << path;
      EXPECT_NE(Execute({.words = {"test", "-w", path}, .user = user}).status, 0) << path << " " << user;
    }
  }
  EXPECT_EQ(Execute({.words = {"test", "-w", MAILQUEUE_RUNDIR "/submit"}, .user = "alice"}).status, 0);
}
