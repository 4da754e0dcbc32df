// SPDX-License-Identifier: BSD-2-Clause
// What nobody can be told of stays in the queue until the administrator deals with it.
#include "fixture.hxx"

using namespace machine;

namespace {

// All there is of it: one message, held.
bool IsHeld() {
  const auto queue = ReadQueue();
  return queue.size() == 1 && !queue[0].held.empty();
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

class Unreported : public SystemTest {
 protected:
  void WaitForHeld() const { ASSERT_TRUE(WaitUntil(IsHeld, std::chrono::seconds(30))) << DescribeQueue(); }

  // Released by root it goes to whoever is there now.
  void ReleaseTo(const std::string& user) const {
    Check({"mailqueuectl", "flush"});
    EXPECT_TRUE(WaitUntil([&] { return !MailboxText(user).empty() && IsQueueEmpty(); })) << DescribeQueue();
  }
};

TEST_F(Unreported, HoldsABounceThatNeitherSenderNorPostmasterTake) {
  {
    const SetupFile aliases("/etc/aliases", "root: gone-admin\n");
    Send("alice", {"-f", "ghost", "nobody-of-this-name"}, MakeMessage(MakeSubject()));
    WaitForHeld();
  }
  ReleaseTo("root");
}

TEST_F(Unreported, HoldsMailFromTheNullSenderThatHasNeitherRecipientNorPostmaster) {
  {
    const SetupFile aliases("/etc/aliases", "root: gone-admin\n");
    Send("alice", {"-f", "<>", "nobody-of-this-name"}, MakeMessage(MakeSubject()));
    WaitForHeld();
  }
  ReleaseTo("root");
}

TEST_F(Unreported, HoldsWhatAServerOfMailboxesTakesForNobody) {
  {
    Receiver receiver({"--lmtp"});
    receiver.SetRules("RCPT * 550 5.1.1 no such user\n");
    const Configuration configuration("[Local]\nMailbox=lmtp://" + receiver.At() + "\n");
    Send("alice", {"bob"}, MakeMessage(MakeSubject()));
    WaitForHeld();
  }
  ReleaseTo("alice");
}

TEST_F(Unreported, ShowsWhatIsHeldAndRunsNothingForIt) {
  Journal journal;
  {
    const SetupFile aliases("/etc/aliases", "root: gone-admin\n");
    Send("alice", {"-f", "<>", "nobody-of-this-name"}, MakeMessage(MakeSubject()));
    WaitForHeld();
    EXPECT_TRUE(journal.WaitFor("is held: "));
  }
  EXPECT_TRUE(WaitForOnly({}, std::chrono::seconds(30))) << "an idle machine runs nothing of ours";
  const auto id = ReadQueue().at(0).id.ToString();
  EXPECT_TRUE(Contains(Check({"mailqueuectl", "list"}), "held: nobody has taken the report"));
  EXPECT_TRUE(Contains(Check({"mailq"}), id + "!"));
  EXPECT_TRUE(Contains(Check({"mailqueuectl", "status"}), "held"));
  const auto flushed = Execute({.words = {"mailqueuectl", "flush", id}, .user = "alice"});
  EXPECT_EQ(flushed.status, 0) << flushed.err;
  static_cast<void>(Execute({.words = {"sendmail", "-q"}, .user = "alice"}));
  Check({"systemctl", "restart", "mailqueue.service"});
  Check({"systemctl", "start", "mailqueue-credentials.service", "mailqueue-home@nowhere.service"});
  Check({"mailqueuectl", "list"});
  EXPECT_TRUE(IsHeld()) << "only root releases it";
  Check({"mailqueuectl", "flush", id});
  EXPECT_TRUE(WaitUntil([] { return !MailboxText("root").empty() && IsQueueEmpty(); })) << DescribeQueue();
}
