// SPDX-License-Identifier: BSD-2-Clause
#include "queue/plan.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace {

using queue::Plan;
using route::Courier;
using route::End;

std::shared_ptr<route::Lineage> LineOf(unsigned depth) {
  auto line = std::make_shared<route::Lineage>();
  line->depth = depth;
  line->sender = "sender@example.net";
  return line;
}

End Make(Courier courier, const std::string& user, const std::string& destination, bool forward,
         unsigned depth) {
  route::Route route;
  route.courier = courier;
  route.uid = user.empty() ? 0 : 1000;
  route.destination = destination;
  route.forward = forward;
  route.sender = "sender@example.net";
  return {route, user.empty() ? destination : user + "@host", user, LineOf(depth)};
}

End Question(const std::string& user, unsigned depth = 0) {
  return Make(Courier::Deliver, user, "/var/mail/%u", true, depth);
}
End Mailbox(const std::string& user, unsigned depth = 1) {
  return Make(Courier::Deliver, user, "/var/mail/%u", false, depth);
}
End Command(const std::string& user, const std::string& line) {
  return Make(Courier::Command, user, "|" + line, false, 1);
}
End RelayQuestion(const std::string& address) {
  auto end = Make(Courier::Deliver, "", "", false, 0);
  auto route = *end.GetRoute();
  route.own_relays = true;
  end.where = route;
  end.address = address;
  return end;
}
End Remote(const std::string& address, unsigned depth = 0) {
  auto end = Make(Courier::Relay, "", "relay", false, depth);
  end.address = address;
  return end;
}

mail::Envelope EnvelopeOf(const std::vector<std::string>& addresses) {
  mail::Envelope envelope;
  envelope.sender = "sender@example.net";
  for (const auto& address : addresses) envelope.recipients.emplace_back().address = address;
  return envelope;
}

void AddTo(Plan& plan, std::size_t recipient, const std::vector<End>& ends) {
  plan.BeginAdding(recipient);
  for (const auto& end : ends) plan.AddEnd(recipient, end);
  plan.FinishAdding(recipient, ends.empty());
}

void ReplaceIn(Plan& plan, std::size_t item, const std::vector<End>& ends) {
  plan.BeginReplacing(item);
  for (const auto& end : ends) plan.ReplaceBy(item, end);
  plan.FinishReplacing(item);
}

std::size_t CountItems(const std::vector<Plan::Task>& tasks) {
  std::size_t count = 0;
  for (const auto& task : tasks) count += task.items.size();
  return count;
}

const auto kDelivered = mail::Delivered("2.0.0", "there");
const auto kDeferred = mail::Deferred("4.2.0", "locked");
const auto kFailed = mail::Failed("5.1.1", "nobody");

TEST(Plan, TakesRemoteRecipientsTogether) {
  auto envelope = EnvelopeOf({"a@example.net", "b@example.net"});
  Plan plan(envelope);
  AddTo(plan, 0, {Remote("a@example.net")});
  AddTo(plan, 1, {Remote("b@example.net")});
  const auto tasks = plan.TakeReady();
  ASSERT_EQ(tasks.size(), 1U);
  ASSERT_EQ(tasks[0].items.size(), 2U);
  plan.Settle(tasks[0].items[0], kDelivered);
  EXPECT_FALSE(plan.IsDone());
  plan.Settle(tasks[0].items[1], kFailed);
  EXPECT_TRUE(plan.IsDone());
  EXPECT_EQ(envelope.recipients[0].result->outcome, mail::Outcome::Delivered);
  EXPECT_EQ(envelope.recipients[1].result->outcome, mail::Outcome::Failed);
  EXPECT_TRUE(envelope.recipients[0].ends.empty());
}

TEST(Plan, TakesResultsAndRecipientsWhileItReplaces) {
  auto envelope = EnvelopeOf({"alice", "list"});
  Plan plan(envelope);
  AddTo(plan, 0, {Question("alice")});
  const auto asked = plan.TakeReady().at(0).items.at(0);
  plan.BeginReplacing(asked);
  plan.ReplaceBy(asked, Remote("a@example.net", 1));
  plan.Settle(plan.TakeReady().at(0).items.at(0), kDelivered);
  EXPECT_FALSE(envelope.recipients[0].result);
  EXPECT_FALSE(plan.IsDone());
  AddTo(plan, 1, {Question("alice")});
  plan.ReplaceBy(asked, Remote("b@example.net", 1));
  plan.FinishReplacing(asked);
  EXPECT_FALSE(envelope.recipients[1].result);
  plan.Settle(plan.TakeReady().at(0).items.at(0), kDelivered);
  EXPECT_TRUE(plan.IsDone());
  for (const auto& recipient : envelope.recipients) {
    EXPECT_TRUE(recipient.IsSettled()) << recipient.address;
    EXPECT_EQ(recipient.ends.size(), 2U) << recipient.address;
  }
}

TEST(Plan, ServesAPlaceOnceHoweverManyLeadThere) {
  auto envelope = EnvelopeOf({"team", "ext@example.net", "other"});
  Plan plan(envelope);
  AddTo(plan, 0, {Remote("ext@example.net", 1), Question("alice", 1)});
  AddTo(plan, 1, {Remote("ext@EXAMPLE.net")});
  AddTo(plan, 2, {Mailbox("alice")});
  const auto tasks = plan.TakeReady();
  EXPECT_EQ(CountItems(tasks), 2U);  // the mailbox waits for what the forward file says
  for (const auto& task : tasks) plan.Settle(task.items[0], kDelivered);
  EXPECT_TRUE(plan.TakeReady().empty());
  EXPECT_TRUE(plan.IsDone());
  for (const auto& recipient : envelope.recipients) EXPECT_TRUE(recipient.IsSettled()) << recipient.address;
}

TEST(Plan, FollowsAForwardFileAndSumsUp) {
  auto envelope = EnvelopeOf({"alice"});
  Plan plan(envelope);
  AddTo(plan, 0, {Question("alice")});
  auto tasks = plan.TakeReady();
  ReplaceIn(plan, tasks[0].items[0], {Mailbox("alice"), Remote("ext@example.net", 1)});
  EXPECT_FALSE(envelope.recipients[0].result);
  tasks = plan.TakeReady();
  ASSERT_EQ(CountItems(tasks), 2U);
  plan.Settle(tasks[0].items[0], kDelivered);
  EXPECT_FALSE(envelope.recipients[0].IsSettled());
  EXPECT_EQ(envelope.recipients[0].ends.size(), 1U);  // stored before the other one is through
  plan.Settle(tasks[1].items[0], kDeferred);
  EXPECT_TRUE(plan.IsDone());
  EXPECT_EQ(envelope.recipients[0].result->outcome, mail::Outcome::Deferred);
  ASSERT_EQ(envelope.recipients[0].ends.size(), 2U);
  EXPECT_EQ(envelope.recipients[0].ends[0].sender, "sender@example.net");
}

TEST(Plan, RepeatsAtTheNextAttemptWhatIsNotSettled) {
  auto envelope = EnvelopeOf({"alice"});
  for (int attempt = 0; attempt < 2; ++attempt) {
    Plan plan(envelope);
    AddTo(plan, 0, {Question("alice")});
    auto tasks = plan.TakeReady();
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks[0].route.destination.empty(), attempt > 0);  // the mailbox has its copy
    ReplaceIn(plan, tasks[0].items[0], {Mailbox("alice"), Remote("ext@example.net", 1)});
    tasks = plan.TakeReady();
    ASSERT_EQ(CountItems(tasks), attempt == 0 ? 2U : 1U);
    for (const auto& task : tasks)
      plan.Settle(task.items[0],
                  task.route.courier == Courier::Deliver || attempt > 0 ? kDelivered : kDeferred);
    EXPECT_TRUE(plan.IsDone());
    EXPECT_EQ(envelope.recipients[0].IsSettled(), attempt > 0);
  }
}

// What is delivered to a part of a recipient must not stand for all of it.
TEST(Plan, KeepsARecipientOpenThatAnswersAtTheNextAttemptOnlyForItself) {
  const std::vector<End> next = {
      Question("alice"), {mail::Deferred("4.3.0", "no answer"), "alice", {}, LineOf(0)}, Remote("alice")};
  for (const auto& end : next) {
    auto envelope = EnvelopeOf({"alice"});
    {
      Plan plan(envelope);
      AddTo(plan, 0, {Question("alice")});
      ReplaceIn(plan, plan.TakeReady().at(0).items.at(0), {Mailbox("alice"), Remote("a@example.org", 1)});
      for (const auto& task : plan.TakeReady())
        plan.Settle(task.items.at(0), task.route.courier == Courier::Relay
                                          ? mail::Deferred("4.4.1", "down")
                                          : mail::Delivered("2.0.0", "here"));
      EXPECT_FALSE(envelope.recipients[0].IsSettled());
    }
    Plan plan(envelope);
    AddTo(plan, 0, {end});
    for (const auto& task : plan.TakeReady())
      plan.Settle(task.items.at(0), mail::Deferred("4.3.0", "no answer"));
    EXPECT_TRUE(plan.IsDone());
    EXPECT_FALSE(envelope.recipients[0].IsSettled());
  }
}

TEST(Plan, ForgetsEndsThatNothingLeadsToAnyMore) {
  auto envelope = EnvelopeOf({"list"});
  {
    Plan plan(envelope);
    AddTo(plan, 0, {Remote("typo@example.net", 1), Remote("good@example.net", 1)});
    const auto tasks = plan.TakeReady();
    plan.Settle(tasks[0].items[0], kDeferred);
    plan.Settle(tasks[0].items[1], kDelivered);
  }
  Plan plan(envelope);
  AddTo(plan, 0, {Remote("right@example.net", 1), Remote("good@example.net", 1)});
  const auto tasks = plan.TakeReady();
  ASSERT_EQ(CountItems(tasks), 1U);
  plan.Settle(tasks[0].items[0], kDelivered);
  EXPECT_TRUE(plan.IsDone());
  EXPECT_TRUE(envelope.recipients[0].IsSettled());
  EXPECT_EQ(envelope.recipients[0].ends.size(), 2U);
}

TEST(Plan, RunsOneCommandAtATime) {
  auto envelope = EnvelopeOf({"list"});
  Plan plan(envelope);
  AddTo(plan, 0, {Command("alice", "a"), Command("alice", "b"), Command("bob", "a")});
  for (int i = 0; i < 3; ++i) {
    const auto tasks = plan.TakeReady();
    ASSERT_EQ(CountItems(tasks), 1U);
    EXPECT_TRUE(plan.TakeReady().empty());
    plan.Settle(tasks[0].items[0], kDelivered);
  }
  EXPECT_TRUE(plan.IsDone());
}

TEST(Plan, GivesAServerOfMailboxesAllUsersAtOnce) {
  auto envelope = EnvelopeOf({"alice", "bob"});
  Plan plan(envelope);
  AddTo(plan, 0, {Question("alice")});
  AddTo(plan, 1, {Question("bob")});
  const auto questions = plan.TakeReady();
  ASSERT_EQ(CountItems(questions), 2U);
  const auto lmtp = [](const std::string& user) {
    return Make(Courier::Relay, user, "lmtp:/socket", false, 0);
  };
  std::vector<Plan::Items::value_type> items;
  for (const auto& task : questions) items.insert(items.end(), task.items.begin(), task.items.end());
  ReplaceIn(plan, items[0], {lmtp("alice")});
  EXPECT_TRUE(plan.TakeReady().empty());
  ReplaceIn(plan, items[1], {lmtp("bob")});
  EXPECT_EQ(CountItems(plan.TakeReady()), 2U);
}

TEST(Plan, OneBadEndKeepsNoOther) {
  auto envelope = EnvelopeOf({"list", "nobody"});
  Plan plan(envelope);
  AddTo(plan, 0, {End{kFailed, "nobody@host", {}, LineOf(1)}, Remote("good@example.net", 1)});
  AddTo(plan, 1, {End{kFailed, "nobody@host", {}, LineOf(0)}});
  const auto tasks = plan.TakeReady();
  ASSERT_EQ(CountItems(tasks), 1U);
  EXPECT_TRUE(envelope.recipients[1].IsSettled());
  plan.Settle(tasks[0].items[0], kDelivered);
  EXPECT_EQ(envelope.recipients[0].result->outcome, mail::Outcome::Failed);
  EXPECT_EQ(
      std::ranges::count_if(envelope.recipients[0].ends,
                            [](const auto& end) { return end.result->outcome == mail::Outcome::Delivered; }),
      1);
}

TEST(Plan, TellsThatAnAddressLeadsNowhere) {
  auto envelope = EnvelopeOf({"list", "alice"});
  Plan plan(envelope);
  AddTo(plan, 0, {});
  AddTo(plan, 1, {Question("alice")});
  EXPECT_TRUE(envelope.recipients[0].IsSettled());
  ReplaceIn(plan, plan.TakeReady()[0].items[0], {});
  EXPECT_TRUE(plan.IsDone());
  EXPECT_TRUE(envelope.recipients[1].result);
}

TEST(Plan, GoesOnWhereTheSubmitterSays) {
  auto envelope = EnvelopeOf({"a@example.net", "b@example.net", "list"});
  Plan plan(envelope);
  AddTo(plan, 0, {RelayQuestion("a@example.net")});
  AddTo(plan, 1, {RelayQuestion("b@example.net")});
  AddTo(plan, 2, {Remote("b@example.net", 1)});
  const auto questions = plan.TakeReady();
  ASSERT_EQ(questions.size(), 1U);
  ASSERT_EQ(questions[0].items.size(), 2U) << "one place, one copy";
  EXPECT_TRUE(plan.TakeReady().empty());
  for (const auto item : questions[0].items) plan.Redirect(item, *Remote("x").GetRoute());
  EXPECT_FALSE(plan.IsDone());
  const auto tasks = plan.TakeReady();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].route.courier, Courier::Relay);
  for (const auto item : tasks[0].items) plan.Settle(item, kDelivered);
  EXPECT_TRUE(plan.IsDone());
  for (const auto& recipient : envelope.recipients) EXPECT_TRUE(recipient.IsSettled()) << recipient.address;
  EXPECT_TRUE(envelope.recipients[0].ends.empty()) << "it is its own end";
}

TEST(Plan, TakesAQuestionThatHasNoAnswer) {
  auto envelope = EnvelopeOf({"a@example.net"});
  Plan plan(envelope);
  AddTo(plan, 0, {RelayQuestion("a@example.net")});
  plan.Settle(plan.TakeReady().at(0).items.at(0), kDeferred);
  EXPECT_TRUE(plan.IsDone());
  EXPECT_EQ(envelope.recipients[0].result->status, kDeferred.status);
}

TEST(Plan, RecognisesWhatAnEarlierAttemptGaveToAServer) {
  auto envelope = EnvelopeOf({"ext@example.net", "list"});
  envelope.recipients[0].result = kDelivered;
  Plan plan(envelope);
  AddTo(plan, 1, {Remote("ext@example.net", 1)});
  EXPECT_TRUE(plan.IsDone());
  EXPECT_TRUE(envelope.recipients[1].IsSettled());
}

// Each answer looks at the next one only.
TEST(Plan, ManyQuestionsOfOnePlaceTakeTheirTurns) {
  constexpr std::size_t kMany = 1000;
  auto envelope = EnvelopeOf(std::vector<std::string>(kMany, "alice"));
  Plan plan(envelope);
  for (std::size_t i = 0; i < kMany; ++i) {
    auto end = Question("alice");
    std::get<route::Route>(end.where).extension = std::to_string(i);
    AddTo(plan, i, {end});
  }
  for (std::size_t i = 0; i < kMany; ++i) {
    const auto tasks = plan.TakeReady();
    ASSERT_EQ(CountItems(tasks), 1U) << i;
    EXPECT_EQ(plan.EndOf(tasks[0].items[0]).GetRoute()->extension, std::to_string(i));
    plan.Settle(tasks[0].items[0], kDeferred);
  }
  EXPECT_TRUE(plan.TakeReady().empty());
  EXPECT_TRUE(plan.IsDone());
}

TEST(Plan, IsTakenInParts) {
  const std::size_t many = Plan::kMaxTaken + 1;
  auto envelope = EnvelopeOf(std::vector<std::string>(many, "x"));
  Plan plan(envelope);
  for (std::size_t i = 0; i < many; ++i) AddTo(plan, i, {Remote(std::to_string(i) + "@example.net")});
  EXPECT_EQ(CountItems(plan.TakeReady()), many - 1);
  EXPECT_EQ(CountItems(plan.TakeReady()), 1U);
  EXPECT_TRUE(plan.TakeReady().empty());
}

TEST(Plan, CommandThatMustWaitKeepsNoOtherCommand) {
  auto envelope = EnvelopeOf({"alice", "bob"});
  Plan plan(envelope);
  AddTo(plan, 0, {Command("alice", "first"), Command("alice", "second"), Command("alice", "third")});
  for (const char* line : {"|first", "|second", "|third"}) {
    const auto tasks = plan.TakeReady();
    ASSERT_EQ(CountItems(tasks), 1U);
    EXPECT_EQ(tasks[0].route.destination, line);
    EXPECT_TRUE(plan.TakeReady().empty());
    plan.Settle(tasks[0].items[0], kDelivered);
  }
  EXPECT_TRUE(plan.IsDone());
}

// Whoever has been recorded is found again without looking through all.
TEST(Plan, OneRecipientMayHaveManyEnds) {
  constexpr std::size_t kMany = 1000;
  auto envelope = EnvelopeOf({"team"});
  Plan plan(envelope);
  std::vector<End> ends;
  for (std::size_t i = 0; i < kMany; ++i) ends.push_back(Remote(std::to_string(i) + "@example.net", 1));
  AddTo(plan, 0, ends);
  for (auto tasks = plan.TakeReady(); !tasks.empty(); tasks = plan.TakeReady())
    for (const auto item : tasks[0].items) plan.Settle(item, kDelivered);
  EXPECT_TRUE(plan.IsDone());
  EXPECT_EQ(envelope.recipients[0].ends.size(), kMany);
}

// Thousands of recipients that lead to thousands of places each would take all memory.
TEST(Plan, HasALimitOfTheWaysFromRecipientsToPlaces) {
  constexpr std::size_t kRecipients = 10;
  constexpr std::size_t kWays = 50;
  auto envelope = EnvelopeOf(std::vector<std::string>(kRecipients, "alice"));
  Plan plan(envelope, kWays);
  for (std::size_t i = 0; i < kRecipients; ++i) AddTo(plan, i, {Question("alice")});
  const auto tasks = plan.TakeReady();
  ASSERT_EQ(CountItems(tasks), 1U);
  const auto item = tasks[0].items[0];
  const std::size_t most = kWays / kRecipients - 1;
  EXPECT_TRUE(plan.HasRoomBehind(item, most));
  EXPECT_FALSE(plan.HasRoomBehind(item, most + 1));
  std::vector<End> ends;
  while (ends.size() < most) ends.push_back(Remote("a" + std::to_string(ends.size()) + "@example.net", 1));
  ReplaceIn(plan, item, ends);
  EXPECT_FALSE(plan.HasRoomBehind(item, 1));
}

// One line of a forward file can be another user's, which thousands of lines have taken the place of.
TEST(Plan, CountsTheWaysBehindAQuestionThatHasItsAnswer) {
  auto envelope = EnvelopeOf({"alice", "bob", "bob"});
  Plan plan(envelope, 8);
  AddTo(plan, 0, {Question("alice")});
  const auto alice = plan.TakeReady().at(0).items.at(0);
  ReplaceIn(plan, alice, {Remote("a@x", 1), Remote("b@x", 1), Remote("c@x", 1)});
  for (const std::size_t recipient : {1U, 2U}) AddTo(plan, recipient, {Question("alice"), Remote("d@x", 1)});
  for (auto tasks = plan.TakeReady(); !tasks.empty(); tasks = plan.TakeReady())
    for (const auto item : tasks[0].items) plan.Settle(item, kDelivered);
  EXPECT_TRUE(plan.IsDone());
  EXPECT_TRUE(envelope.recipients[0].IsSettled());
  for (const std::size_t recipient : {1U, 2U}) {
    ASSERT_TRUE(envelope.recipients[recipient].result);
    EXPECT_EQ(envelope.recipients[recipient].result->status, "4.3.5");
  }
}

// The rest of a list has a failure of its own when its time has come, whatever became of what had room.
TEST(Plan, HasNoMoreEndsThanTheEnvelopeHasRoomFor) {
  for (const bool is_forward : {false, true}) {
    auto envelope = EnvelopeOf({"list", "bob"});
    std::vector<End> ends;
    for (int i = 0; i < 10; ++i) ends.push_back(Remote(std::string(1000, 'a') + std::to_string(i), 1));
    constexpr std::size_t kSize = 20000;
    Plan plan(envelope, Plan::kMaxWays, kSize);
    AddTo(plan, 1, {Remote("bob@example.net", 1)});
    if (is_forward) {
      AddTo(plan, 0, {Question("alice")});
      for (const auto& task : plan.TakeReady()) {
        if (task.route.forward)
          ReplaceIn(plan, task.items.at(0), ends);
        else
          plan.Settle(task.items.at(0), kDelivered);
      }
    } else {
      AddTo(plan, 0, ends);
    }
    for (auto tasks = plan.TakeReady(); !tasks.empty(); tasks = plan.TakeReady())
      for (const auto item : tasks[0].items) plan.Settle(item, kDelivered);
    EXPECT_TRUE(plan.IsDone());
    EXPECT_LT(envelope.ToText().size(), kSize + 1000);
    EXPECT_TRUE(envelope.recipients[1].IsSettled());
    const auto& list = envelope.recipients[0];
    ASSERT_TRUE(list.result);
    EXPECT_EQ(list.result->status, "4.3.5");
    EXPECT_EQ(std::ranges::count_if(list.ends, &mail::End::IsSettled),
              static_cast<long>(list.ends.size()) - 1);
    EXPECT_GT(list.ends.size(), 5U);
    EXPECT_EQ(list.ends.back().address, "list");

    Plan again(envelope, Plan::kMaxWays, kSize);
    EXPECT_EQ(std::ranges::count_if(list.ends, &mail::End::IsSettled), static_cast<long>(list.ends.size()));
    AddTo(again, 0, {ends.begin(), ends.begin() + static_cast<long>(list.ends.size())});
    EXPECT_TRUE(again.IsDone());
    EXPECT_TRUE(envelope.recipients[0].IsSettled()) << "what is stored needs no more room";
  }
}

// What was put off has no result, and neither has its recipient, whatever its other places came to.
TEST(Plan, KeepsARecipientOpenWhilePartOfItIsPutOff) {
  for (const bool first_is_put_off : {true, false}) {
    auto envelope = EnvelopeOf({"list"});
    envelope.recipients[0].result = kDeferred;
    Plan plan(envelope);
    AddTo(plan, 0, {Remote("a@example.net", 1), Mailbox("alice")});
    std::vector<std::size_t> items;
    for (const auto& task : plan.TakeReady()) items.insert(items.end(), task.items.begin(), task.items.end());
    ASSERT_EQ(items.size(), 2U);
    if (first_is_put_off) plan.PutOff(items[0]);
    plan.Settle(items[1], kDelivered);
    if (!first_is_put_off) plan.PutOff(items[0]);
    EXPECT_TRUE(plan.IsDone());
    EXPECT_TRUE(plan.HasChanged());
    EXPECT_FALSE(envelope.recipients[0].IsSettled());
    EXPECT_EQ(std::ranges::count_if(envelope.recipients[0].ends, &mail::End::IsSettled), 1);
  }
}

// What an earlier attempt has settled, or what routing alone has, comes first; the rest has no result yet.
TEST(Plan, KeepsARecipientOpenUntilAllOfItHasAResult) {
  for (const auto& known : {kDelivered, kFailed}) {
    auto envelope = EnvelopeOf({"list"});
    auto first = Remote("a@example.net", 1);
    if (known.outcome == mail::Outcome::Failed)
      first.where = known;
    else
      envelope.recipients[0].ends = {{first.PlaceKey(), "a@example.net", "sender@example.net", known}};
    Plan plan(envelope);
    AddTo(plan, 0, {first, Mailbox("alice")});
    EXPECT_FALSE(envelope.recipients[0].IsSettled());
    const auto tasks = plan.TakeReady();
    ASSERT_EQ(CountItems(tasks), 1U);
    plan.PutOff(tasks[0].items[0]);
    EXPECT_TRUE(plan.IsDone());
    EXPECT_FALSE(envelope.recipients[0].IsSettled());
    ASSERT_EQ(envelope.recipients[0].ends.size(), 1U);
  }
}

TEST(Plan, LeavesTheEnvelopeAsItIsWhereAllIsPutOff) {
  auto envelope = EnvelopeOf({"alice", "alice+x"});
  const auto before = envelope.ToText();
  Plan plan(envelope);
  AddTo(plan, 0, {Question("alice")});
  AddTo(plan, 1, {Question("alice")});
  for (const auto& task : plan.TakeReady())
    for (const auto item : task.items) plan.PutOff(item);
  EXPECT_TRUE(plan.TakeReady().empty());
  EXPECT_TRUE(plan.IsDone());
  EXPECT_FALSE(plan.HasChanged());
  EXPECT_EQ(envelope.ToText(), before);
}

// Else the failure of a list that has become empty would be nobody's: its ends tell another story.
TEST(Plan, SumsUpWhatWasDoneWhereAListIsEmptyNow) {
  auto envelope = EnvelopeOf({"list"});
  envelope.recipients[0].ends = {{"remote a@x", "a@x", "s@x", kDelivered},
                                 {"remote b@x", "b@x", "s@x", kDeferred}};
  envelope.recipients[0].result = kDeferred;
  Plan plan(envelope);
  AddTo(plan, 0, {});
  EXPECT_EQ(envelope.recipients[0].result->outcome, mail::Outcome::Delivered);
}

}  // namespace
