// SPDX-License-Identifier: BSD-2-Clause
#include "queue/intake.hxx"

#include "queue/submitters.hxx"
#include "spool/drop_stream.hxx"
#include "unit/queue/fake_environment.hxx"
#include "unit/spool/simulated_spool.hxx"

#include <gtest/gtest.h>

#include <sysexits.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// An intake of its own, with a queue in memory that only remembers.
struct Taken {
  Taken() { world.settings.settings.queue.reserve = {0, 0}; }
  /// With a spool that is elsewhere.
  Taken(SimulatedSpool& spool, SimulatedProcess& process)
      : queue(spool.disk.OpenDirectory("/spool/queue"), process),
        drops(spool.disk.OpenDirectory("/spool"), process) {}

  // @return the name
  std::string Drop(long long number, const std::string& message) {
    const auto envelope = MakeTestEnvelope(number);
    auto name = envelope.id.ToString();
    directory.Write("drop/" + name, MakeDropText(envelope, message));
    return name;
  }
  // As soon as nothing is left to do but what has to wait.
  void Run() { world.clock.RunPosted(); }
  /// @param reply when it has come; it outlives Run
  void Begin(long long number, const std::string& message, uid_t submitter, spool::SubmitReply& reply) {
    const auto envelope = MakeTestEnvelope(number);
    const auto name = "stream" + std::to_string(number);
    directory.Write(name, MakeDropText(envelope, message));
    auto read =
        spool::ReadDrop(RealDisk(), OpenBeneath({directory.Open("."), name}, O_RDONLY), submitter, kTestTime);
    intake.TakeStream(std::move(std::get<spool::Drop>(read)), [&](const auto& word) { reply = word; });
  }
  [[nodiscard]] spool::SubmitReply Submit(long long number, const std::string& message) {
    spool::SubmitReply reply{-1, ""};
    Begin(number, message, ::getuid(), reply);
    Run();
    return reply;
  }
  [[nodiscard]] std::string MessageOf(long long number) const {
    return directory.Read("queue/" + MakeTestEnvelope(number).id.ToString() + ".message");
  }

  FakeEnvironment world;
  SpoolDirectory& directory = world.directory;
  config::Settings::Queue& limits = world.settings.settings.queue;
  spool::Queue queue{directory.Open("queue")};
  spool::DropDirectory drops{directory.Open(".")};
  std::map<mail::QueueId, mail::Envelope> added;
  std::vector<mail::QueueId> order;
  std::map<mail::QueueId, mail::Envelope> resumed;
  queue::Usage usage;
  std::function<void()> on_add = [] {};
  std::function<std::optional<uid_t>(uid_t)> share_of = [](uid_t uid) { return uid; };
  queue::Intake intake{
      world.Get(),
      drops,
      queue,
      {.add =
           [this](auto envelopes) {
             on_add();
             for (auto& envelope : envelopes) {
               usage.Add(envelope.message_size);
               order.push_back(envelope.id);
               added.emplace(envelope.id, envelope);
             }
           },
       .resume = [this](auto envelope) { resumed.emplace(envelope.id, envelope); },
       .knows = [this](const auto& id) { return added.contains(id) || resumed.contains(id); },
       .share_of = [this](uid_t uid) { return share_of(uid); },
       .usage_of = [this](uid_t) { return usage; }}};
};

TEST(Intake, TakesInWhatIsThereAndWhatComes) {
  Taken t;
  t.Drop(1, "one\n");
  t.intake.Scan();
  t.Run();
  EXPECT_EQ(t.MessageOf(1), "one\n");
  t.intake.OnName(t.Drop(2, "two\n"));
  t.Run();
  EXPECT_EQ(t.MessageOf(2), "two\n");
  EXPECT_EQ(t.added.size(), 2U);
  EXPECT_EQ(t.directory.Count("drop"), 0U);
  EXPECT_TRUE(t.intake.IsIdle());
}

TEST(Intake, SchedulesWhatIsDurableBeforeItDoesAnythingElse) {
  Taken t;
  t.Drop(1, "one\n");
  std::size_t drops = 0;
  t.on_add = [&] { drops = t.directory.Count("drop"); };
  t.intake.Scan();
  t.Run();
  EXPECT_EQ(drops, 1U);
}

// A commit that failed, and could not be cleared away, has left it in the queue.
TEST(Intake, FindsWhatIsInTheQueueAndNotInMemory) {
  Taken t;
  {
    spool::QueueBatch batch(t.queue);
    batch.Add(MakeTestEnvelope(1), "one\n");
    static_cast<void>(batch.Commit());
  }
  t.Drop(1, "one\n");
  t.intake.Scan();
  t.Run();
  EXPECT_TRUE(t.added.empty());
  EXPECT_EQ(t.resumed.size(), 1U);
  EXPECT_EQ(t.directory.Count("drop"), 0U);
}

// The runner was killed after the renames of a commit, and another one has read the queue. What is in memory
// then isn't on stable storage, and the sender, whose connection broke, submits it once more.
TEST(Intake, SyncsWhatItFindsInTheQueueBeforeItSaysSo) {
  auto envelope = MakeTestEnvelope(1);
  envelope.submitter = SimulatedSpool::kSubmitter;
  const auto commit = [&](SimulatedRunner& runner) {
    spool::QueueBatch batch(runner.queue);
    batch.Add(envelope, "one\n");
    static_cast<void>(batch.Commit());
  };
  for (unsigned seed = 0; seed < 20; ++seed) {
    SimulatedSpool spool(SimulatedDisk::Rule::Journal, seed);
    unsigned calls = 0;
    {
      SimulatedSpool another(SimulatedDisk::Rule::Journal, seed);
      SimulatedRunner runner(another);
      calls = runner.process.Calls();
      commit(runner);
      calls = runner.process.Calls() - calls;
    }
    {
      SimulatedRunner killed(spool);
      killed.process.StopAt(calls);
      EXPECT_THROW(commit(killed), std::system_error);
    }
    SimulatedProcess process(spool.disk, ::geteuid(), SimulatedSpool::kGroup);
    Taken t(spool, process);
    ASSERT_TRUE(t.queue.Contains(envelope.id));
    t.added.emplace(envelope.id, envelope);
    const auto text = MakeDropText(envelope, "one\n");
    spool::DropStream stream(t.queue);
    stream.Add(spool::UnfinishedHead() + text.substr(spool::kDropHeadSize) +
               text.substr(0, spool::kDropHeadSize));
    spool::SubmitReply reply{-1, ""};
    t.intake.TakeStream(std::get<spool::Drop>(stream.Finish(SimulatedSpool::kSubmitter, kTestTime)),
                        [&](const auto& word) { reply = word; });
    t.Run();
    EXPECT_EQ(reply.status, EX_OK) << reply.text;
    spool.disk.CutPower();
    EXPECT_EQ(LoadAll(SimulatedRunner(spool).queue).envelopes.size(), 1U) << "seed " << seed;
  }
}

TEST(Intake, KeepsADropWhoseMessageIsDamagedInTheQueue) {
  Taken t;
  t.directory.Write("queue/" + MakeTestEnvelope(1).id.ToString() + ".envelope", "rubbish");
  t.Drop(1, "one\n");
  t.Drop(2, "two\n");
  t.intake.Scan();
  t.Run();
  EXPECT_EQ(t.added.size(), 1U);
  EXPECT_EQ(t.directory.Count("drop"), 1U);
  ASSERT_EQ(t.intake.List().size(), 1U);
  EXPECT_NE(t.intake.List()[0].reason.find("its envelope is malformed"), std::string::npos);
  EXPECT_FALSE(t.intake.IsIdle());
}

TEST(Intake, CopiesALargeMessageWhileOthersAreTakenIn) {
  Taken t;
  const std::string large(5 << 20, 'x');
  t.Drop(1, large);
  t.Drop(2, "two\n");
  t.intake.Scan();
  t.Run();
  ASSERT_EQ(t.order.size(), 2U);
  EXPECT_EQ(t.order[0], MakeTestEnvelope(2).id);
  EXPECT_EQ(t.MessageOf(1), large);
  EXPECT_TRUE(t.intake.IsIdle());
}

TEST(Intake, ReturnsWhatIsTooLargeUnderItsOwnQueueId) {
  Taken t;
  t.limits.message_size = 1 << 20;
  t.Drop(1, "Subject: x\n\n" + std::string(1 << 20, 'x'));
  t.intake.Scan();
  t.Run();
  ASSERT_EQ(t.added.size(), 1U);
  const auto& returned = t.added.begin()->second;
  EXPECT_EQ(returned.id, MakeTestEnvelope(1).id);
  EXPECT_EQ(returned.sender, "");
  EXPECT_EQ(returned.recipients.at(0).address, "alice@example.org");
  EXPECT_NE(t.MessageOf(1).find("Status: 5.3.4"), std::string::npos);
  EXPECT_LT(returned.message_size, 100000U);
  EXPECT_EQ(t.directory.Count("drop"), 0U);
}

TEST(Intake, LetsWaitWhatOneUserHasTooMuchOf) {
  Taken t;
  t.limits.user_max.messages = 2;
  for (int i = 1; i <= 4; ++i) static_cast<void>(t.Drop(i, "text\n"));
  t.intake.Scan();
  t.Run();
  EXPECT_EQ(t.added.size(), 2U);
  EXPECT_EQ(t.directory.Count("drop"), 2U);
  ASSERT_EQ(t.intake.List().size(), 2U);
  EXPECT_NE(t.intake.List()[0].reason.find("(UserQueueMax=)"), std::string::npos);
  EXPECT_EQ(t.intake.Warnings({}).size(), 1U);
  EXPECT_EQ(t.Submit(5, "text\n").status, EX_TEMPFAIL);
  t.usage = {};
  t.intake.OnRoom();
  t.Run();
  EXPECT_EQ(t.added.size(), 4U);
  EXPECT_TRUE(t.intake.Warnings({}).empty());
}

TEST(Intake, AnswersStreams) {
  Taken t;
  const auto reply = t.Submit(1, "text\n");
  EXPECT_EQ(reply.status, 0);
  EXPECT_EQ(reply.text, MakeTestEnvelope(1).id.ToString());
  EXPECT_EQ(t.Submit(1, "text\n").status, 0) << "whoever has not heard it sends it once more";
  EXPECT_EQ(t.added.size(), 1U);
  EXPECT_EQ(t.Submit(2, std::string(3 << 20, 'x')).status, 0);
  EXPECT_EQ(t.added.size(), 2U);
}

// Nobody has more room for having more uids (subuid(5)), nor while their messages are being copied.
TEST(Intake, CountsWhatComesAtOnceForItsShare) {
  for (const std::size_t size : {5, 3 << 20}) {
    Taken t;
    t.limits.user_max.messages = 1;
    t.share_of = [](uid_t) { return queue::Submitters::kUnknown; };
    const std::string message(size, 'x');
    std::array<spool::SubmitReply, 3> replies;
    for (uid_t i = 0; i < replies.size(); ++i) t.Begin(i + 1, message, 100000 + i, replies[i]);
    t.Run();
    EXPECT_EQ(t.added.size(), 1U) << size;
    EXPECT_EQ(replies[0].status, 0) << size;
    EXPECT_EQ(replies[1].status, EX_TEMPFAIL) << size;
    EXPECT_EQ(replies[2].status, EX_TEMPFAIL) << size;
  }
}

TEST(Intake, SetsAsideWhatIsNotAMessage) {
  Taken t;
  for (int i = 0; i < 200; ++i) t.directory.Write("drop/bad" + std::to_string(i), "");
  t.Drop(1, "one\n");
  t.intake.Scan();
  t.Run();
  EXPECT_EQ(t.added.size(), 1U);
  EXPECT_EQ(t.directory.Count("drop"), 0U);
  EXPECT_EQ(t.directory.Count("corrupt"), 200U);
  EXPECT_TRUE(t.intake.IsIdle());
}

}  // namespace
