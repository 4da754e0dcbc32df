// SPDX-License-Identifier: BSD-2-Clause
#include "spool/queue.hxx"

#include "base/error.hxx"
#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

#include <cerrno>
#include <system_error>

namespace {

struct QueueTest : testing::Test {
  SpoolDirectory directory;
  spool::Queue queue{directory.Open("queue"), directory.Open("corrupt")};

  mail::Envelope Put(const mail::Envelope& envelope, const std::string& message = "Subject: x\n\nbody\n") {
    spool::QueueBatch batch(queue);
    batch.Add(envelope, message);
    return batch.Commit().at(0);
  }
};

TEST_F(QueueTest, LoadsWhatWasCommittedOldestFirst) {
  Put(MakeTestEnvelope(2));
  Put(MakeTestEnvelope(1));
  const auto contents = queue.Load();
  ASSERT_EQ(contents.envelopes.size(), 2u);
  EXPECT_EQ(contents.envelopes[0].id, MakeTestEnvelope(1).id);
  EXPECT_EQ(contents.envelopes[0].message_size, 17u);
  EXPECT_EQ(ReadAll(queue.OpenMessage(MakeTestEnvelope(2).id), 100), "Subject: x\n\nbody\n");
}

TEST_F(QueueTest, CopiesTheMessageFromWithinAFile) {
  directory.Write("source", "0123456789");
  const UniqueFd source = OpenBeneath({directory.Open("."), "source"}, O_RDONLY);
  auto envelope = MakeTestEnvelope(1);
  envelope.message_size = 5;
  spool::QueueBatch batch(queue);
  batch.Add(envelope, source, 3);
  ASSERT_EQ(batch.Commit().size(), 1u);
  EXPECT_EQ(ReadAll(queue.OpenMessage(envelope.id), 100), "34567");
}

TEST_F(QueueTest, RefusesASourceThatIsShorterAndLeavesNothing) {
  directory.Write("source", "0123");
  const UniqueFd source = OpenBeneath({directory.Open("."), "source"}, O_RDONLY);
  auto envelope = MakeTestEnvelope(1);
  envelope.message_size = 5;
  spool::QueueBatch batch(queue);
  try {
    batch.Add(envelope, source, 0);
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
    EXPECT_EQ(queue.Load().envelopes.at(0).attempts, envelope.attempts);
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
  for (const auto& left : {id + ".message", "." + id + ".envelope.new"}) {
    directory.Write("queue/" + left, "half");
    EXPECT_TRUE(queue.Load().envelopes.empty()) << left;
    EXPECT_FALSE(directory.Has("queue/" + left)) << left;
  }
}

TEST_F(QueueTest, SetsAsideWhatItCannotRead) {
  const auto id = MakeTestEnvelope(1).id.ToString();
  directory.Write("queue/" + id + ".envelope", "mailqueue-envelope: 99\n");
  directory.Write("queue/" + id + ".message", "text\n");
  const auto contents = queue.Load();
  EXPECT_TRUE(contents.envelopes.empty());
  EXPECT_EQ(contents.set_aside.size(), 2u);
  EXPECT_EQ(directory.Read("corrupt/" + id + ".message"), "text\n");
  EXPECT_EQ(directory.Count("queue"), 0u);
}

}  // namespace
