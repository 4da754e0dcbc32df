// SPDX-License-Identifier: BSD-2-Clause
#include "spool/queue.hxx"

#include "base/error.hxx"
#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace {

struct QueueTest : testing::Test {
  SpoolDirectory directory;
  spool::Queue queue{directory.Open("queue")};

  mail::Envelope Put(const mail::Envelope& envelope, const std::string& message = "Subject: x\n\nbody\n") {
    spool::QueueBatch batch(queue);
    batch.Add(envelope, message);
    return batch.Commit().at(0);
  }
};

TEST_F(QueueTest, LoadsWhatWasCommittedOldestFirst) {
  Put(MakeTestEnvelope(2));
  Put(MakeTestEnvelope(1));
  const auto contents = LoadAll(queue);
  ASSERT_EQ(contents.envelopes.size(), 2u);
  EXPECT_EQ(contents.envelopes[0].id, MakeTestEnvelope(1).id);
  EXPECT_EQ(contents.envelopes[0].message_size, 17u);
  EXPECT_EQ(ReadAll(queue.OpenMessage(MakeTestEnvelope(2).id), 100), "Subject: x\n\nbody\n");
}

TEST_F(QueueTest, CopiesTheMessageFromWithinAFile) {
  directory.Write("source", "0123456789");
  UniqueFd source = OpenBeneath({directory.Open("."), "source"}, O_RDONLY);
  auto envelope = MakeTestEnvelope(1);
  envelope.message_size = 5;
  spool::QueueBatch batch(queue);
  batch.Add(envelope, std::move(source), 3);
  ASSERT_EQ(batch.Commit().size(), 1u);
  EXPECT_EQ(ReadAll(queue.OpenMessage(envelope.id), 100), "34567");
}

TEST_F(QueueTest, RefusesASourceThatIsShorterAndLeavesNothing) {
  directory.Write("source", "0123");
  UniqueFd source = OpenBeneath({directory.Open("."), "source"}, O_RDONLY);
  auto envelope = MakeTestEnvelope(1);
  envelope.message_size = 5;
  spool::QueueBatch batch(queue);
  try {
    batch.Add(envelope, std::move(source), 0);
    FAIL() << "a message that was cut was taken";
  } catch (const std::system_error& e) {
    EXPECT_TRUE(IsErrno(e, ENODATA)) << e.what();
  }
  EXPECT_EQ(directory.Count("queue"), 0u);
}

TEST_F(QueueTest, RefusesAnIdThatIsThere) {
  Put(MakeTestEnvelope(1), "first\n");
  spool::QueueBatch batch(queue);
  EXPECT_THROW(batch.Add(MakeTestEnvelope(1), "second\n"), std::system_error);
  EXPECT_EQ(ReadAll(queue.OpenMessage(MakeTestEnvelope(1).id), 100), "first\n");
}

TEST_F(QueueTest, ForgetsABatchThatIsNotCommitted) {
  {
    spool::QueueBatch batch(queue);
    batch.Add(MakeTestEnvelope(1), "x\n");
    EXPECT_FALSE(queue.Contains(MakeTestEnvelope(1).id));
  }
  EXPECT_EQ(directory.Count("queue"), 0u);
}

TEST_F(QueueTest, UpdateReplacesTheEnvelope) {
  auto envelope = Put(MakeTestEnvelope(1));
  for (const auto durability : {spool::Queue::Durability::Now, spool::Queue::Durability::Later}) {
    ++envelope.attempts;
    queue.Update(envelope, durability);
    EXPECT_EQ(LoadAll(queue).envelopes.at(0).attempts, envelope.attempts);
  }
  EXPECT_EQ(directory.Count("queue"), 2u);
}

TEST_F(QueueTest, RemoveLeavesNothing) {
  Put(MakeTestEnvelope(1));
  queue.Remove(MakeTestEnvelope(1).id);
  EXPECT_EQ(directory.Count("queue"), 0u);
  queue.Remove(MakeTestEnvelope(1).id);  // again, as after a crash: no error
}

// Each row is a state that a crash leaves behind, see the table in ARCHITECTURE.md.
TEST_F(QueueTest, ClearsAwayWhatACrashLeft) {
  const auto id = MakeTestEnvelope(1).id.ToString();
  for (const auto& left :
       {"." + id + ".message.new", "." + id + ".envelope.new", "." + id + ".envelope.half"}) {
    directory.Write("queue/" + left, "half");
    EXPECT_TRUE(LoadAll(queue).envelopes.empty()) << left;
    EXPECT_FALSE(directory.Has("queue/" + left)) << left;
  }
}

// What a commit or a removal leaves that is cut short between its renames: nothing that was acknowledged.
TEST_F(QueueTest, ClearsAwayAMessageWhoseEnvelopeHasNoNameYet) {
  const auto id = MakeTestEnvelope(1).id.ToString();
  directory.Write("queue/" + id + ".message", "text\n");
  directory.Write("queue/." + id + ".envelope.half", "half");
  EXPECT_TRUE(LoadAll(queue).unreadable.empty());
  EXPECT_EQ(directory.Count("queue"), 0u);
}

// An update that was cut short is no sign that the message is done with.
TEST_F(QueueTest, KeepsATextWhoseEnvelopeWasLostAmidAnUpdate) {
  const auto id = Put(MakeTestEnvelope(1)).id;
  const auto envelope = directory.Path("queue") / (id.ToString() + ".envelope");
  std::filesystem::rename(envelope, directory.Path("queue") / ("." + id.ToString() + ".envelope.new"));
  for (int look = 0; look < 2; ++look) {
    EXPECT_TRUE(LoadAll(queue).unreadable.contains(id)) << look;
    EXPECT_EQ(directory.Count("queue"), 2u) << look;
  }
}

TEST_F(QueueTest, LeavesWhatItCannotReadWhereItIs) {
  const auto good = Put(MakeTestEnvelope(1));
  const auto id = MakeTestEnvelope(2).id;
  const std::string envelope = "queue/" + id.ToString() + ".envelope";
  const std::string message = "queue/" + id.ToString() + ".message";
  const auto text = MakeTestEnvelope(2).ToText();
  using Kind = spool::Unreadable::Kind;
  const struct {
    const char* envelope;
    const char* message;
    Kind kind;
    const char* why;
  } cases[] = {{"rubbish", "text\n", Kind::Damaged, "its envelope is malformed"},
               {"", "text\n", Kind::Damaged, "its envelope is malformed"},
               {"mailqueue-envelope: 2\nid: x\n", "text\n", Kind::Newer, "a newer version of mailqueue"},
               {"mailqueue-envelope: 2", "text\n", Kind::Damaged, "its envelope is malformed"},
               {nullptr, "text\n", Kind::Damaged, "its envelope is missing"},
               {text.c_str(), nullptr, Kind::Damaged, "its text is missing"}};
  for (const auto& c : cases) {
    if (c.envelope) directory.Write(envelope, c.envelope);
    if (c.message) directory.Write(message, c.message);
    for (int i = 0; i < 2; ++i) {
      const auto contents = LoadAll(queue);
      EXPECT_EQ(contents.envelopes.size(), 1U) << c.why;
      ASSERT_EQ(contents.unreadable.size(), 1U) << c.why;
      EXPECT_EQ(contents.unreadable.at(id).kind, c.kind) << c.why;
      EXPECT_NE(contents.unreadable.at(id).why.find(c.why), std::string::npos)
          << contents.unreadable.at(id).why;
    }
    EXPECT_EQ(directory.Has(envelope), c.envelope != nullptr) << c.why;
    EXPECT_EQ(directory.Has(message), c.message != nullptr) << c.why;
    std::filesystem::remove(directory.Path(envelope));
    std::filesystem::remove(directory.Path(message));
  }
}

TEST_F(QueueTest, CallsDamagedWhatIsNoFileOrWasCut) {
  auto envelope = Put(MakeTestEnvelope(1));
  const auto id = envelope.id.ToString();
  const auto why = [&] { return LoadAll(queue).unreadable.at(envelope.id).why; };
  directory.Write("queue/" + id + ".message", "cut\n");
  EXPECT_EQ(why(), "its text has been cut");
  std::filesystem::remove(directory.Path("queue/" + id + ".envelope"));
  ASSERT_EQ(::mkdir(directory.Path("queue/" + id + ".envelope").c_str(), 0700), 0);
  EXPECT_EQ(why(), "its envelope is not a regular file");
  std::filesystem::remove(directory.Path("queue/" + id + ".envelope"));
  ASSERT_EQ(::mkfifo(directory.Path("queue/" + id + ".envelope").c_str(), 0600), 0);
  EXPECT_EQ(why(), "its envelope is not a regular file");
}

TEST_F(QueueTest, ReadsWhatIsMendedAgain) {
  const auto envelope = Put(MakeTestEnvelope(1));
  const auto name = "queue/" + envelope.id.ToString() + ".envelope";
  directory.Write(name, "rubbish");
  ASSERT_EQ(LoadAll(queue).unreadable.size(), 1U);
  directory.Write(name, envelope.ToText());
  EXPECT_EQ(LoadAll(queue).envelopes.size(), 1U);
}

TEST_F(QueueTest, LeavesNamesAloneThatAreNotItsOwn) {
  const auto names = {".snapshot", "lost+found", "notes.message", ".x.envelope.new", "README"};
  for (const char* name : names) directory.Write(std::string("queue/") + name, "text");
  ASSERT_EQ(::mkdir(directory.Path("queue/.directory").c_str(), 0700), 0);
  EXPECT_FALSE(queue.HoldsOther([](const auto&) { return false; }));
  Put(MakeTestEnvelope(1));
  EXPECT_TRUE(queue.HoldsOther([](const auto&) { return false; }));
  EXPECT_FALSE(queue.HoldsOther([](const auto&) { return true; }));
  EXPECT_EQ(LoadAll(queue).envelopes.size(), 1U);
  for (const char* name : names) EXPECT_TRUE(directory.Has(std::string("queue/") + name)) << name;
  EXPECT_TRUE(directory.Has("queue/.directory"));
}

TEST_F(QueueTest, RemembersThatDamageWasReportedAsLongAsItIsThere) {
  const auto id = MakeTestEnvelope(1).id;
  directory.Write("queue/" + id.ToString() + ".envelope", "rubbish");
  EXPECT_FALSE(queue.IsReported(id));
  queue.SetReported(id);
  static_cast<void>(LoadAll(queue));
  EXPECT_TRUE(spool::Queue(directory.Open("queue")).IsReported(id));
  std::filesystem::remove(directory.Path("queue/" + id.ToString() + ".envelope"));
  static_cast<void>(LoadAll(queue));
  EXPECT_EQ(directory.Count("queue"), 0U);
}

TEST_F(QueueTest, WritesNothingThatItWouldNotRead) {
  auto envelope = Put(MakeTestEnvelope(1));
  const auto before = envelope.ToText();
  envelope.recipients[0].ends.push_back({std::string(mail::Envelope::kMaxTextSize, 'x'), {}, {}, {}, false});
  EXPECT_THROW(queue.Update(envelope, spool::Queue::Durability::Now), std::system_error);
  EXPECT_EQ(directory.Read("queue/" + envelope.id.ToString() + ".envelope"), before);
}

// What an earlier try has left, and could not clear away, is no obstacle to the next one.
TEST_F(QueueTest, TakesInOverWhatAnEarlierTryHasLeft) {
  const auto id = MakeTestEnvelope(1).id.ToString();
  for (const auto& left : {id + ".message", "." + id + ".message.new", "." + id + ".envelope.half"})
    directory.Write("queue/" + left, "half");
  Put(MakeTestEnvelope(1), "whole\n");
  EXPECT_EQ(ReadAll(queue.OpenMessage(MakeTestEnvelope(1).id), 100), "whole\n");
  EXPECT_EQ(directory.Count("queue"), 2u);
}

TEST_F(QueueTest, CopiesAMessagePieceByPiece) {
  directory.Write("source", "0123456789");
  auto envelope = MakeTestEnvelope(1);
  envelope.message_size = 8;
  {
    spool::MessageCopy copy(queue, envelope, OpenBeneath({directory.Open("."), "source"}, O_RDONLY), 2);
    EXPECT_FALSE(copy.Continue(3));
    EXPECT_TRUE(LoadAll(queue).envelopes.empty());
    EXPECT_FALSE(copy.Continue(3));
    EXPECT_TRUE(copy.Continue(3));
    spool::QueueBatch batch(queue);
    batch.Add(std::move(copy));
    ASSERT_EQ(batch.Commit().size(), 1U);
  }
  EXPECT_EQ(ReadAll(queue.OpenMessage(envelope.id), 100), "23456789");
  EXPECT_EQ(directory.Count("queue"), 2u);
}

TEST_F(QueueTest, LeavesNothingOfACopyThatIsGivenUp) {
  directory.Write("source", "0123456789");
  auto envelope = MakeTestEnvelope(1);
  envelope.message_size = 8;
  {
    spool::MessageCopy copy(queue, envelope, OpenBeneath({directory.Open("."), "source"}, O_RDONLY), 2);
    EXPECT_FALSE(copy.Continue(3));
    EXPECT_EQ(directory.Count("queue"), 1u);
  }
  EXPECT_EQ(directory.Count("queue"), 0u);
}

}  // namespace
