// SPDX-License-Identifier: BSD-2-Clause
// A user's directories, FIFOs, links and torn files in drop/: they stop nobody's mail.
#include "fixture.hxx"
#include "mail/queue_id.hxx"
#include "paths.h"
#include "spool/drop_format.hxx"

#include <fmt/format.h>

#include <filesystem>

using namespace machine;

namespace {

const std::string kDrop = std::string(MAILQUEUE_SPOOLDIR) + "/drop";

std::string NextId() {
  static std::uint32_t number = 0;
  return mail::QueueId::Make(mail::Now(), ++number).ToString();
}

// Runs a script as mallory would; "$d" is drop/ and "$id" a queue ID.
Ended RunAs(const std::string& user, const std::string& script) {
  return Execute(
      {.words = {"sh", "-c", fmt::format("d={} id={}; {}", kDrop, NextId(), script)}, .user = user});
}

std::string DropText(const std::string& id, const std::string& subject, const std::string& recipient) {
  mail::Envelope envelope;
  envelope.id = mail::QueueId::Parse(id).value();
  envelope.sender = "alice@localhost";
  envelope.created = mail::Now();
  envelope.recipients.push_back({recipient, {}, false, {}, {}});
  const auto text = envelope.ToText();
  const auto message = MakeMessage(subject);
  envelope.message_size = message.size();
  return spool::DropHead{text.size(), message.size()}.ToText() + text + message;
}

}  // namespace

class Hostile : public SystemTest {
 protected:
  // Mail of everybody goes on, the queue comes to rest, and nothing is started again and again.
  void ExpectOrder() {
    for (const char* user : {"bob", "root"}) {
      const auto subject = MakeSubject();
      Send(user, {"carol"}, MakeMessage(subject));
      EXPECT_EQ(WaitForLetter("carol", subject).body, "A line.\n");
    }
    ASSERT_TRUE(WaitForOnly({}, kSoon));
    EXPECT_EQ(UnitProperty("mailqueue.path", "ActiveState"), "active");
    Journal journal;
    EXPECT_FALSE(journal.WaitFor("", std::chrono::seconds(3)))
        << "something runs although there is nothing to do";
    const auto subject = MakeSubject();
    Send("bob", {"carol"}, MakeMessage(subject));
    EXPECT_EQ(WaitForLetter("carol", subject).body, "A line.\n");
  }
};

TEST_F(Hostile, Directories) {
  const auto ended =
      RunAs("alice",
            "mkdir $d/empty $d/$id; mkdir -p $d/full/deep; touch $d/full/file $d/full/deep/file;"
            "mkdir -m 0 $d/closed; mkdir -m 700 $d/own; touch $d/own/file");
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOrder();
}

TEST_F(Hostile, FifosAndSockets) {
  const auto ended = RunAs("alice", "mkfifo $d/fifo $d/$id; mkfifo -m 666 $d/open");
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOrder();
}

TEST_F(Hostile, FifoThatSomebodyWritesTo) {
  Child writer(
      {.words = {"sh", "-c", fmt::format("mkfifo {0}/{1} && cat /dev/zero >{0}/{1}", kDrop, NextId())},
       .user = "alice"});
  ExpectOrder();
}

TEST_F(Hostile, SymbolicLinks) {
  const auto ended = RunAs("alice",
                           "ln -s /etc/shadow $d/$id; ln -s /dev/zero $d/zero; ln -s loop $d/loop;"
                           "ln -s . $d/here; ln -s /nonexistent $d/dangling; ln -s ../queue $d/queue");
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOrder();
}

TEST_F(Hostile, HardLinks) {
  const auto ended =
      RunAs("alice", "cd $d && echo x >one && ln one two && ln one $id && ln /etc/passwd shadow");
  EXPECT_NE(ended.status, 0) << "a link to somebody else's file was possible";
  ExpectOrder();
}

TEST_F(Hostile, TornAndUnknownFiles) {
  const auto ended =
      RunAs("alice",
            "touch $d/zero $d/$id; echo >$d/short; head -c 63 /dev/zero >$d/almost;"
            "printf '%63s\\n' '' >$d/unfinished; head -c 100000 /dev/urandom >$d/noise;"
            "truncate -s 1T $d/sparse; touch \"$d/new\nline\" \"$d/$(printf '\\377')\" $d/*.bak");
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOrder();
}

TEST_F(Hostile, FilesWithoutPermissions) {
  const auto id = NextId();
  const auto subject = MakeSubject();
  const auto write = Execute({.words = {"sh", "-c", fmt::format("umask 777; cat >{}/{}", kDrop, id)},
                              .user = "alice",
                              .input = DropText(id, subject, "bob")});
  ASSERT_EQ(write.status, 0) << write.err;
  ExpectOrder();
}

TEST_F(Hostile, FilesUnderAnotherNameThanTheirOwn) {
  const auto other = NextId();
  const auto write =
      Execute({.words = {"sh", "-c",
                         fmt::format("umask 027; cat >{}/.x; mv {}/.x {}/{}", kDrop, kDrop, kDrop, NextId())},
               .user = "alice",
               .input = DropText(other, MakeSubject(), "bob")});
  ASSERT_EQ(write.status, 0) << write.err;
  ExpectOrder();
}

// The envelope says root; the file's owner says who it was.
TEST_F(Hostile, SubmitterIsTheOwnerOfTheFile) {
  const auto id = NextId();
  const auto subject = MakeSubject();
  const Configuration no_relay("[Relay]\nHost=smtp+notls://127.0.0.1:1\n");
  const auto write = Execute(
      {.words = {"sh", "-c", fmt::format("umask 027; cat >{}/.x; mv {}/.x {}/{}", kDrop, kDrop, kDrop, id)},
       .user = "alice",
       .input = DropText(id, subject, "friend@remote.example")});
  ASSERT_EQ(write.status, 0) << write.err;
  ASSERT_TRUE(WaitUntil([] { return ReadQueue().size() == 1; })) << DescribeQueue();
  const auto alice = Check({"id", "-u", "alice"});
  EXPECT_EQ(std::to_string(ReadQueue()[0].submitter) + "\n", alice);
}

// What its owner writes to a drop after it was taken in changes nothing.
TEST_F(Hostile, FileThatIsHeldOpenAndRewritten) {
  const auto id = NextId();
  const auto subject = MakeSubject();
  const auto script = fmt::format(
      "umask 027; cat >{0}/.x; exec 3<>{0}/.x; mv {0}/.x {0}/{1};"
      "while :; do printf 'mailqueue-drop 1 xxxxxxxxxxxxxxxxxxxxxxxxxxx' >&3; done",
      kDrop, id);
  Child writer({.words = {"sh", "-c", script}, .user = "alice", .input = DropText(id, subject, "bob")});
  ExpectOrder();
  EXPECT_TRUE(WaitUntil([&] { return !std::filesystem::exists(kDrop + "/" + id); }));
}

TEST_F(Hostile, ManyOfThem) {
  const auto ended = RunAs("alice",
                           "i=0; while [ $i -lt 300 ]; do mkdir $d/d$i; touch $d/d$i/x $d/t$i; mkfifo $d/f$i;"
                           "i=$((i+1)); done");
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOrder();
}
