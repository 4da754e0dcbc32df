// SPDX-License-Identifier: BSD-2-Clause
// One bad thing in the spool stops nothing else, and the limits of the spool are kept.
#include "drop_text.hxx"
#include "fixture.hxx"
#include "manager.hxx"
#include "paths.h"
#include "spool/drop_format.hxx"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

using namespace machine;
namespace fs = std::filesystem;

namespace {

const fs::path kQueue = fs::path(MAILQUEUE_SPOOLDIR) / "queue";
const fs::path kCorrupt = fs::path(MAILQUEUE_SPOOLDIR) / "corrupt";
constexpr char kService[] = "mailqueue.service";
constexpr char kNothingListens[] =
    "[Relay]\nHost=smtp+notls://127.0.0.1:1\n[Queue]\nRetryMin=1h\nRetryMax=1h\n";

std::size_t CountIn(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::ranges::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

std::string List() {
  return Check({"mailqueuectl", "list"});
}

std::string Status() {
  return Check({"mailqueuectl", "status"});
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void ExpectMailOf(const std::string& user) {
  const auto subject = MakeSubject();
  Send(user, {"carol"}, MakeMessage(subject));
  EXPECT_EQ(WaitForLetter("carol", subject).body, "A line.\n");
}

// By its owner, whose umask may be any; the text may be more than a pipe takes.
void WriteDrop(const std::string& user, const std::string& id, const std::string& text) {
  const SetupFile whole("/tmp/drop-" + id, text);
  const auto script =
      fmt::format("umask 022; cp /tmp/drop-{0} {1}/.{0} && mv {1}/.{0} {1}/{0}", id, DropDirectory());
  const auto ended = Execute({.words = {"sh", "-c", script}, .user = user});
  ASSERT_EQ(ended.status, 0) << ended.err;
}

}  // namespace

/// There is a message in the queue that waits.
class DamagedMessage : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    unreachable_.emplace(kNothingListens);
    Send("alice", {"x@example.net"}, MakeMessage("waits"));
    ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
    id_ = ReadQueue().at(0).id.ToString();
    text_ = TextOf(Envelope());
    Manager().Stop({"mailqueue.path", "mailqueue.socket", kService});
  }
  void TearDown() override {
    unreachable_.reset();
    SystemTest::TearDown();
  }

  [[nodiscard]] fs::path Envelope() const { return kQueue / (id_ + ".envelope"); }
  [[nodiscard]] fs::path Message() const { return kQueue / (id_ + ".message"); }
  [[nodiscard]] bool IsListed(const std::string& what) const {
    const auto list = List();
    return Contains(list, id_) && Contains(list, what);
  }
  static void StartAgain() { Manager().Start({"mailqueue.path", "mailqueue.socket", kService}); }

  // It is listed and told to root once, whatever starts anew, and nobody else's mail waits.
  void ExpectDamaged(const std::string& why) {
    StartAgain();
    ExpectMailOf("bob");
    ASSERT_TRUE(WaitUntil([&] { return IsListed("damaged: " + why); })) << List();
    EXPECT_TRUE(Contains(Check({"mailq"}), why));
    EXPECT_TRUE(Contains(Status(), id_ + " can't be read: " + why)) << Status();
    const auto letter = WaitForLetter("root", "Damaged mail in the queue of " + Hostname());
    EXPECT_TRUE(Contains(letter.body, id_ + ": " + why)) << letter.body;
    Check({"systemctl", "restart", kService});
    ASSERT_TRUE(WaitUntil([&] { return IsListed(why); })) << List();
    ExpectMailOf("bob");
    EXPECT_EQ(ReadMailbox("root").size(), 1U);
    EXPECT_TRUE(fs::exists(Message()));
  }
  // Without a new start.
  void ExpectItGoesOn() {
    const auto pid = UnitProperty(kService, "MainPID");
    Check({"mailqueuectl", "flush"});
    EXPECT_TRUE(WaitUntil([&] { return IsListed("deferred ("); })) << List();
    EXPECT_EQ(UnitProperty(kService, "MainPID"), pid);
    EXPECT_FALSE(Contains(Status(), "can't be read"));
  }

  static std::string Hostname() {
    auto name = Check({"hostname"});
    name.pop_back();
    return name;
  }

  std::string id_;
  std::string text_;

 private:
  std::optional<Configuration> unreachable_;
};

TEST_F(DamagedMessage, IsKeptAndToldAndGoesOnWhenItIsMended) {
  std::ofstream(Envelope()) << "rubbish";
  ExpectDamaged("its envelope is malformed");
  std::ofstream(Envelope()) << text_;
  ExpectItGoesOn();
}

TEST_F(DamagedMessage, MayBeAnothersFile) {
  ASSERT_EQ(::chown(Envelope().c_str(), 0, 0), 0);
  ExpectDamaged("its envelope can't be read");
  Check({"chown", "mailqueue:mailqueue", Envelope()});
  ExpectItGoesOn();
}

TEST_F(DamagedMessage, MayHaveAnUnreadableText) {
  ASSERT_EQ(::chown(Message().c_str(), 0, 0), 0);
  ExpectDamaged("its text can't be read");
  Check({"chown", "mailqueue:mailqueue", Message()});
  ExpectItGoesOn();
}

TEST_F(DamagedMessage, MayHaveLostItsEnvelope) {
  fs::remove(Envelope());
  ExpectDamaged("its envelope is missing");
  std::ofstream(Envelope()) << text_;
  Check({"chown", "mailqueue:mailqueue", Envelope()});
  ExpectItGoesOn();
}

TEST_F(DamagedMessage, OfANewerVersionIsLeftToThat) {
  std::ofstream(Envelope()) << "mailqueue-envelope: 2\nid: " << id_ << "\nsomething: new\n";
  StartAgain();
  ExpectMailOf("bob");
  EXPECT_TRUE(WaitUntil([&] { return IsListed("newer: "); })) << List();
  EXPECT_TRUE(Contains(Status(), id_));
  EXPECT_TRUE(Contains(TextOf(Envelope()), "something: new"));
  std::ofstream(Envelope()) << text_;
  ExpectItGoesOn();
  EXPECT_TRUE(ReadMailbox("root").empty());
}

// Others' files, and directories that are not as they have to be.
TEST_F(DamagedMessage, IsNotMadeByForeignThings) {
  fs::create_directory(kQueue / ".snapshot");
  fs::create_directory(kQueue / "lost+found");
  fs::create_directory(kQueue / "K000000000000000.envelope");
  std::ofstream(kQueue / "README") << "text";
  ASSERT_EQ(::chown(kCorrupt.c_str(), 0, 0), 0);
  StartAgain();
  ExpectMailOf("bob");
  WriteDrop("alice", "rubbish", "rubbish");
  WriteDrop("alice", MakeQueueId(), "rubbish");
  ExpectMailOf("bob");
  EXPECT_TRUE(WaitUntil([&] { return IsListed("deferred ("); })) << List();
  EXPECT_TRUE(fs::exists(kQueue / ".snapshot"));
  EXPECT_TRUE(fs::exists(kQueue / "README"));
  EXPECT_EQ(CountIn(kCorrupt), 0U);
  Check({"systemd-tmpfiles", "--create", "mailqueue.conf"});
  WriteDrop("alice", "rubbish", "rubbish");
  EXPECT_TRUE(WaitUntil([] { return CountIn(kCorrupt) == 1; }));
}

class Spool : public SystemTest {};

// Whoever may write a file of somebody's could make that somebody say anything.
TEST_F(Spool, TakesNoDropThatItsOwnerHasNotMade) {
  Check({"install", "-d", "-m", "777", "/srv/project"});
  for (const char* const way : {"ln", "mv"}) {
    const auto id = MakeQueueId();
    const auto subject = MakeSubject();
    Check({"sh", "-c", "umask 0; echo notes >/srv/project/notes; chown bob:bob /srv/project/notes"});
    const auto ended = Execute({.words = {"sh", "-c",
                                          fmt::format("cat >/srv/project/notes; {} /srv/project/notes {}/{}",
                                                      way, DropDirectory(), id)},
                                .user = "alice",
                                .input = MakeDrop(id, subject, {"carol"})});
    if (ended.status != 0) continue;  // the kernel has refused it
    ExpectMailOf("bob");
    EXPECT_TRUE(FindLetters("carol", subject).empty()) << way;
    EXPECT_TRUE(WaitUntil([&] { return !fs::exists(DropDirectory() + "/" + id); })) << way;
    fs::remove("/srv/project/notes");
  }
  fs::remove_all("/srv/project");
}

TEST_F(Spool, TakesTheDropsOfSendmailWhateverTheUmask) {
  for (const char* const umask : {"000", "022", "077", "777"}) {
    const auto subject = MakeSubject();
    const auto ended = Execute({.words = {"sh", "-c", fmt::format("umask {}; exec sendmail carol", umask)},
                                .user = "alice",
                                .input = MakeMessage(subject)});
    EXPECT_EQ(ended.status, 0) << umask << ended.err;
    (void)WaitForLetter("carol", subject);
  }
}

TEST_F(Spool, ReturnsAHoleAndCopiesNothingOfIt) {
  const auto id = MakeQueueId();
  const auto subject = MakeSubject();
  auto text = MakeDrop(id, subject, {"carol"});
  const std::size_t more = std::size_t{64} << 20;
  auto head = spool::DropHead::Parse(text.substr(0, spool::kDropHeadSize));
  ASSERT_TRUE(head);
  head->message_size += more;
  text.replace(0, spool::kDropHeadSize, head->ToText());
  const std::string path = DropDirectory() + "/." + id;
  const auto ended =
      Execute({.words = {"sh", "-c",
                         fmt::format("umask 022; cat >{0} && truncate -s +{2} {0} && mv {0} {1}", path,
                                     DropDirectory() + "/" + id, more)},
               .user = "alice",
               .input = text});
  ASSERT_EQ(ended.status, 0) << ended.err;
  const auto letter = WaitForLetter("alice", "Undelivered mail returned to sender");
  EXPECT_TRUE(Contains(letter.body, "the message is mostly holes")) << letter.body;
  EXPECT_TRUE(FindLetters("carol", subject).empty());
}

TEST_F(Spool, HasALimitOfSize) {
  const Configuration limit("[Queue]\nMessageSize=100K\n");
  const auto large = MakeMessage("large", std::string(200 << 10, 'x') + "\n");
  const auto ended = Execute({.words = InSandbox({"sendmail", "carol"}), .input = large});
  EXPECT_EQ(ended.status, 69) << ended.err;
  const auto id = MakeQueueId();
  auto text = MakeDrop(id, "large", {"carol"});
  auto head = spool::DropHead::Parse(text.substr(0, spool::kDropHeadSize));
  ASSERT_TRUE(head);
  head->message_size += 200 << 10;
  text.replace(0, spool::kDropHeadSize, head->ToText());
  WriteDrop("alice", id, text + std::string(200 << 10, 'x'));
  const auto letter = WaitForLetter("alice", "Undelivered mail returned to sender");
  EXPECT_TRUE(Contains(letter.body, "(MessageSize=)")) << letter.body;
  EXPECT_TRUE(FindLetters("carol", "large").empty());
  ExpectMailOf("alice");
}

TEST_F(Spool, HoldsNoMoreOfOneUserThanIsAllowed) {
  const std::string limit = "UserQueueMax=2\n";
  std::optional<Configuration> configuration(std::in_place, kNothingListens + limit);
  for (int i = 0; i < 4; ++i) Send("alice", {"x@example.net"}, MakeMessage("many"));
  ASSERT_TRUE(WaitUntil([] { return Contains(List(), "waiting: user ID"); })) << List();
  EXPECT_EQ(ReadQueue().size(), 2U);
  EXPECT_EQ(CountIn(DropDirectory()), 2U);
  EXPECT_TRUE(Contains(Check({"mailq"}), "(UserQueueMax=)"));
  EXPECT_TRUE(Contains(Status(), "(UserQueueMax=)")) << Status();
  ExpectMailOf("bob");
  configuration.reset();
  configuration.emplace(kNothingListens);
  Check({"mailqueuectl", "flush"});
  EXPECT_TRUE(WaitUntil([] { return ReadQueue().size() == 4U; })) << DescribeQueue();
  EXPECT_TRUE(WaitUntil([] { return CountIn(DropDirectory()) == 0; }));
}

TEST_F(Spool, LeavesWhatIsReservedOfTheDisk) {
  std::optional<Configuration> unreachable(std::in_place, kNothingListens);
  Send("alice", {"x@example.net"}, MakeMessage("before"));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  unreachable.reset();
  const auto subject = MakeSubject();
  const auto id = MakeQueueId();
  {
    const Configuration reserve("[Queue]\nReserve=90%\n");
    const auto ended = Execute({.words = InSandbox({"sendmail", "carol"}), .input = MakeMessage("refused")});
    EXPECT_EQ(ended.status, 75) << ended.err;
    WriteDrop("alice", id, MakeDrop(id, subject, {"carol"}));
    EXPECT_TRUE(WaitUntil([] { return Contains(List(), "waiting: the disk has less room"); })) << List();
    EXPECT_TRUE(Contains(Status(), "Reserve=")) << Status();
    EXPECT_TRUE(FindLetters("carol", subject).empty());
  }
  Check({"mailqueuectl", "flush"});
  (void)WaitForLetter("carol", subject);
}

// Of one prefix, and more than there were places for.
TEST_F(Spool, SetsAsideAnyNumberOfDropsThatAreNone) {
  const auto ended = Execute({.words = {"sh", "-c",
                                        "p=$(printf '%0200d' 0); i=0; while [ $i -lt 1100 ]; do : >" +
                                            DropDirectory() + "/$p$i; i=$((i+1)); done"},
                              .user = "alice"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(WaitUntil([] { return CountIn(DropDirectory()) == 0; }));
  EXPECT_EQ(CountIn(kCorrupt), 200U) << "what is beyond is removed";
  ExpectMailOf("bob");
}
