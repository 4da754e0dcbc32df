// SPDX-License-Identifier: BSD-2-Clause
// A user's directories, FIFOs, links and torn files in drop/: they stop nobody's mail.
#include "drop_text.hxx"
#include "fixture.hxx"
#include "paths.h"

#include <fmt/format.h>

#include <filesystem>

using namespace machine;

namespace {

const std::string kDrop = DropDirectory();

// Run by RunAs.
constexpr const char* kDirectories =
    "mkdir $d/empty $d/$id; mkdir -p $d/full/deep; touch $d/full/file $d/full/deep/file;"
    "mkdir -m 0 $d/closed; mkdir -m 700 $d/own; touch $d/own/file";
constexpr const char* kFifosAndSockets =
    "mkfifo $d/fifo $d/$id; mkfifo -m 666 $d/open;"
    "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die' $d/socket";
constexpr const char* kSymbolicLinks =
    "ln -s /etc/shadow $d/$id; ln -s /dev/zero $d/zero; ln -s loop $d/loop;"
    "ln -s . $d/here; ln -s /nonexistent $d/dangling; ln -s ../queue $d/queue";
constexpr const char* kTornAndUnknown =
    "touch $d/nothing $d/$id; echo >$d/short; head -c 63 /dev/zero >$d/almost;"
    "printf '%63s\\n' '' >$d/unfinished; head -c 100000 /dev/urandom >$d/noise;"
    "truncate -s 1T $d/sparse; touch \"$d/new\nline\" \"$d/$(printf '\\377')\" $d/old.bak";

// Runs a script as mallory would; "$d" is drop/ and "$id" a queue ID.
Ended RunAs(const std::string& user, const std::string& script) {
  return Execute(
      {.words = {"sh", "-c", fmt::format("d={} id={}; {}", kDrop, MakeQueueId(), script)}, .user = user});
}

}  // namespace

class Hostile : public SystemTest {
 protected:
  // Everybody's mail goes on.
  static void ExpectOthersServed() {
    for (const char* user : {"bob", "root"}) {
      const auto subject = MakeSubject();
      Send(user, {"carol"}, MakeMessage(subject));
      EXPECT_EQ(WaitForLetter("carol", subject).body, "A line.\n");
    }
    EXPECT_EQ(UnitProperty("mailqueue.path", "ActiveState"), "active");
  }
};

TEST_F(Hostile, Directories) {
  const auto ended = RunAs("alice", kDirectories);
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOthersServed();
}

TEST_F(Hostile, FifosAndSockets) {
  const auto ended = RunAs("alice", kFifosAndSockets);
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOthersServed();
}

TEST_F(Hostile, FifoThatSomebodyWritesTo) {
  Child writer(
      {.words = {"sh", "-c", fmt::format("mkfifo {0}/{1} && cat /dev/zero >{0}/{1}", kDrop, MakeQueueId())},
       .user = "alice"});
  ExpectOthersServed();
}

TEST_F(Hostile, SymbolicLinks) {
  const auto ended = RunAs("alice", kSymbolicLinks);
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOthersServed();
}

TEST_F(Hostile, HardLinks) {
  const auto ended =
      RunAs("alice", "cd $d && echo x >one && ln one two && ln one $id && ln /etc/passwd shadow");
  EXPECT_NE(ended.status, 0) << "a link to somebody else's file was possible";
  ExpectOthersServed();
}

TEST_F(Hostile, TornAndUnknownFiles) {
  const auto ended = RunAs("alice", kTornAndUnknown);
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOthersServed();
}

TEST_F(Hostile, FilesWithoutPermissions) {
  const auto id = MakeQueueId();
  const auto subject = MakeSubject();
  const auto write = Execute({.words = {"sh", "-c", fmt::format("umask 777; cat >{}/{}", kDrop, id)},
                              .user = "alice",
                              .input = MakeDrop(id, subject, {"bob"})});
  ASSERT_EQ(write.status, 0) << write.err;
  ExpectOthersServed();
}

TEST_F(Hostile, FilesUnderAnotherNameThanTheirOwn) {
  const auto other = MakeQueueId();
  const auto write = Execute(
      {.words = {"sh", "-c",
                 fmt::format("umask 027; cat >{}/.x; mv {}/.x {}/{}", kDrop, kDrop, kDrop, MakeQueueId())},
       .user = "alice",
       .input = MakeDrop(other, MakeSubject(), {"bob"})});
  ASSERT_EQ(write.status, 0) << write.err;
  ExpectOthersServed();
}

// The envelope says root; the file's owner says who it was.
TEST_F(Hostile, SubmitterIsTheOwnerOfTheFile) {
  const auto id = MakeQueueId();
  const auto subject = MakeSubject();
  const Configuration no_relay("[Relay]\nHost=smtp+notls://127.0.0.1:1\n");
  const auto write = Execute(
      {.words = {"sh", "-c", fmt::format("umask 027; cat >{}/.x; mv {}/.x {}/{}", kDrop, kDrop, kDrop, id)},
       .user = "alice",
       .input = MakeDrop(id, subject, {"friend@remote.example"})});
  ASSERT_EQ(write.status, 0) << write.err;
  ASSERT_TRUE(WaitUntil([] { return ReadQueue().size() == 1; })) << DescribeQueue();
  const auto alice = Check({"id", "-u", "alice"});
  EXPECT_EQ(std::to_string(ReadQueue()[0].submitter) + "\n", alice);
}

// What its owner writes to a drop after it was taken in changes nothing.
TEST_F(Hostile, FileThatIsHeldOpenAndRewritten) {
  const auto id = MakeQueueId();
  const auto subject = MakeSubject();
  const auto script = fmt::format(
      "umask 027; cat >{0}/.x; exec 3<>{0}/.x; mv {0}/.x {0}/{1};"
      "while :; do printf 'mailqueue-drop 1 xxxxxxxxxxxxxxxxxxxxxxxxxxx' >&3; done",
      kDrop, id);
  Child writer({.words = {"sh", "-c", script}, .user = "alice", .input = MakeDrop(id, subject, {"bob"})});
  ExpectOthersServed();
  EXPECT_TRUE(WaitUntil([&] { return !std::filesystem::exists(kDrop + "/" + id); }));
}

TEST_F(Hostile, ManyOfThem) {
  const auto ended = RunAs("alice",
                           "i=0; while [ $i -lt 300 ]; do mkdir $d/d$i; touch $d/d$i/x $d/t$i; mkfifo $d/f$i;"
                           "i=$((i+1)); done");
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOthersServed();
}

TEST_F(Hostile, ConnectionsThatSayNothing) {
  const std::string connected = "/tmp/connected";
  Child silent({.words = {"perl", "-MIO::Socket::UNIX", "-e",
                          fmt::format("push @s, IO::Socket::UNIX->new(Peer => '{}/submit') for 1..200;"
                                      "open(F, '>', '{}'); close(F); select(undef, undef, undef, undef);",
                                      MAILQUEUE_RUNDIR, connected)},
                .user = "alice"});
  ASSERT_TRUE(WaitUntil([&] { return std::filesystem::exists(connected); }, kSoon, {"/tmp"}));
  std::filesystem::remove(connected);
  const auto subject = MakeSubject();
  const auto ended = Execute({.words = InSandbox({"sendmail", "carol"}), .input = MakeMessage(subject)});
  EXPECT_EQ(ended.status, 0) << ended.err;
  (void)WaitForLetter("carol", subject);
  ExpectOthersServed();
}

// What can't be taken in must not keep the path unit starting the runner: with all of it there, everything
// ends.
TEST_F(Hostile, NothingRunsInACircle) {
  for (const char* script : {kDirectories, kFifosAndSockets, kSymbolicLinks, kTornAndUnknown}) {
    const auto ended = RunAs("alice", script);
    ASSERT_EQ(ended.status, 0) << ended.err;
  }
  ExpectOthersServed();
  ASSERT_TRUE(WaitForOnly({}, kSoon));
  Journal journal;
  EXPECT_FALSE(journal.WaitFor("Starting mailqueue", std::chrono::seconds(3))) << "with nothing to do";
  ExpectOthersServed();
}
