// SPDX-License-Identifier: BSD-2-Clause
#include "queue/explanation.hxx"

#include "queue/inspector.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

using queue::RouteLine;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

using Kind = RouteLine::Kind;

struct ExplanationTest : testing::Test {
  FakeEnvironment world;
  FakeEnvironment::FakeRouter router{world.clock};  // not that of the mail
  queue::Scheduler scheduler{world.Get(), [] {}};
  queue::Inspector inspector{world.Get(), router, scheduler};
  std::stop_source gone;
  std::optional<std::vector<RouteLine>> answer;

  ExplanationTest() {
    router.ends["bob"] = {MakeUserEnd("bob", kBob)};
    router.ends["x"] = {MakeRemoteEnd("x@example.net")};
    router.ends["cat"] = {MakeCommandEnd("bob", kBob, "/bin/cat")};
    router.ends["lmtp"] = {MakeRemoteEnd("bob@host", "", "lmtp:/run/lmtp")};
    router.ends["lmtp"][0].user = "bob";
    router.ends["gone"] = {MakeEnd(mail::Failed("5.1.1", "no such user"), "gone")};
    router.ends["away"] = {MakeEnd(mail::Deferred("4.3.0", "no database"), "away")};
    router.ends["nul"] = {MakeEnd(mail::Delivered("2.0.0", "thrown away"), "nul")};
  }
  void Ask(const std::vector<std::string>& addresses, std::optional<uid_t> reader = {}) {
    inspector.Explain("alice@example.org", addresses, reader, 1000, gone.get_token(), [this](auto lines) {
      EXPECT_FALSE(answer) << "it answers twice";
      answer = std::move(lines);
    });
    EXPECT_FALSE(answer);
    world.clock.RunPosted();
  }
  void Reply(std::size_t order, const queue::Reply& reply) {
    const auto done = world.couriers.deliveries.at(order).order.done;
    done(reply);
    world.clock.RunPosted();
  }
  static queue::Reply Found(const std::string& path, const std::vector<std::string>& addresses) {
    queue::Reply reply{queue::Results(1)};
    auto& forward = reply.forward.emplace();
    forward.path = path;
    for (const auto& address : addresses)
      forward.destinations.push_back({mail::Destination::Kind::Address, address});
    return reply;
  }
};

TEST_F(ExplanationTest, TellsWhereAddressesLead) {
  Ask({"x", "lmtp", "gone", "away", "nul"});
  ASSERT_TRUE(answer);
  EXPECT_THAT(
      *answer,
      ElementsAre(RouteLine{1, "x", "/etc/aliases:1", "smtp://relay.example for x@example.net", Kind::Relay},
                  RouteLine{1, "lmtp", "/etc/aliases:1", "lmtp:/run/lmtp for bob@host", Kind::Mailbox},
                  RouteLine{1, "gone", "/etc/aliases:1", "failed 5.1.1: no such user", Kind::Failed},
                  RouteLine{1, "away", "/etc/aliases:1", "deferred 4.3.0: no database", Kind::Deferred},
                  RouteLine{1, "nul", "/etc/aliases:1", "delivered 2.0.0: thrown away", Kind::Delivered}));
  EXPECT_THAT(world.couriers.deliveries, IsEmpty());
  ASSERT_THAT(router.questions, SizeIs(1));
  EXPECT_EQ(router.questions[0].sender, "alice@example.org");
  EXPECT_EQ(router.questions[0].share, 1000u);
  EXPECT_THAT(world.router.questions, IsEmpty()) << "mail waits for nobody who asks";
}

TEST_F(ExplanationTest, AsksAgentsAndDeliversNothing) {
  Ask({"bob", "cat"});
  EXPECT_FALSE(answer);
  ASSERT_THAT(world.couriers.deliveries, SizeIs(2));
  for (const auto& delivery : world.couriers.deliveries) {
    EXPECT_TRUE(delivery.order.request.explain);
    EXPECT_FALSE(delivery.order.open);
  }
  Reply(0, {{kOk}});
  Reply(1, {{mail::Failed("5.7.1", "no such command")}});
  ASSERT_TRUE(answer);
  ASSERT_THAT(*answer, SizeIs(2));
  EXPECT_EQ((*answer)[0].end, "/var/mail/bob as bob");
  EXPECT_EQ((*answer)[0].kind, Kind::Mailbox);
  EXPECT_EQ((*answer)[1].end, "failed 5.7.1: no such command");
  EXPECT_EQ((*answer)[1].kind, Kind::Failed);
}

TEST_F(ExplanationTest, TellsWhatACommandIs) {
  Ask({"cat"});
  Reply(0, {{kOk}});
  EXPECT_EQ(answer->at(0).end, "command '/bin/cat' as bob");
  EXPECT_EQ(answer->at(0).kind, Kind::Command);
}

TEST_F(ExplanationTest, FollowsAForwardFile) {
  Ask({"bob", "x"});
  auto reply = Found("/home/bob/.forward", {"y@example.net"});
  reply.forward->faults = {"/home/bob/.forward:2: 'nonsense'"};
  Reply(0, reply);
  ASSERT_TRUE(answer);
  ASSERT_THAT(*answer, SizeIs(4));
  EXPECT_EQ((*answer)[0], (RouteLine{1, "bob", "/etc/aliases:1; /home/bob/.forward", "", Kind::Further}));
  EXPECT_EQ((*answer)[1].what, "/home/bob/.forward:2: 'nonsense'");
  EXPECT_EQ((*answer)[1].kind, Kind::Mistake);
  EXPECT_EQ((*answer)[1].depth, 2u);
  EXPECT_EQ((*answer)[2].what, "y@example.net");
  EXPECT_EQ((*answer)[3].what, "x");
}

TEST_F(ExplanationTest, TellsTheMailboxWhereThereIsNoForwardFile) {
  router.ends["mailbox"] = {MakeUserEnd("bob", kBob, false)};
  Ask({"bob"});
  Reply(0, Found("", {"mailbox"}));
  ASSERT_TRUE(answer);
  ASSERT_THAT(*answer, SizeIs(1));
  EXPECT_EQ((*answer)[0].end, "/var/mail/bob as bob");
}

TEST_F(ExplanationTest, SaysSoWhenNobodyAnswers) {
  Ask({"bob", "cat"});
  Reply(0, {queue::Results(1)});
  Reply(1, {{}});
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)[0].end, "/var/mail/bob as bob, if there is no forward file: nobody answered");
  EXPECT_EQ((*answer)[1].end, "command '/bin/cat' as bob: nobody answered");
}

TEST_F(ExplanationTest, TellsNobodyWhatAnothersForwardFileSays) {
  Ask({"bob", "cat"}, 1000);
  ASSERT_TRUE(answer);
  EXPECT_THAT(world.couriers.deliveries, IsEmpty());
  EXPECT_EQ((*answer)[0].end, "/var/mail/bob as bob, unless a forward file of bob says otherwise");
  EXPECT_EQ((*answer)[1].end, "command '/bin/cat' as bob");
  EXPECT_EQ(router.questions[0].submitter, 1000u);
  answer.reset();
  Ask({"bob"}, kBob);
  EXPECT_THAT(world.couriers.deliveries, SizeIs(1));
}

TEST_F(ExplanationTest, TellsWhichRelaysAUserHasChosen) {
  auto asked = MakeRemoteEnd("y@example.net", "alice");
  auto& route = std::get<route::Route>(asked.where);
  asked.otherwise = asked.where;
  route.courier = route::Courier::Deliver;
  route.uid = 1000;
  route.owner = "alice";
  route.own_relays = true;
  router.ends["y"] = {asked};
  Ask({"y", "y", "y", "y"});
  ASSERT_THAT(world.couriers.deliveries, SizeIs(4));
  EXPECT_EQ(world.couriers.deliveries[0].order.request.envelope.sender, "alice@host.example.org");
  queue::Reply mine{queue::Results(1)};
  mine.own_relays = {"/home/alice/relay.conf:2", "smtps://mine.example", "", "", {}};
  queue::Reply none{queue::Results(1)};
  none.own_relays.emplace();
  Reply(0, mine);
  Reply(1, none);
  Reply(2, {queue::Results(1)});
  Reply(3, {{mail::Deferred("4.2.1", "no home")}});
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)[0].end, "smtps://mine.example for y@example.net");
  EXPECT_EQ((*answer)[0].where, "/home/alice/relay.conf:2");
  EXPECT_EQ((*answer)[1].end, "smtp://relay.example for y@example.net");
  EXPECT_THAT((*answer)[2].end, HasSubstr("unless alice has chosen another relay: nobody answered"));
  EXPECT_EQ((*answer)[3].kind, Kind::Deferred);
}

TEST_F(ExplanationTest, TellsCirclesAndMistakes) {
  route::Step circle{2, "list", "/etc/aliases:2", {}};
  circle.is_circle = true;
  router.steps_of["x"] = {circle};
  router.faults_of["x"] = {"/etc/aliases:3: 'nonsense'"};
  Ask({"x"});
  ASSERT_TRUE(answer);
  ASSERT_THAT(*answer, SizeIs(3));
  EXPECT_EQ((*answer)[1].kind, Kind::Circle);
  EXPECT_EQ((*answer)[1].end, "leads in a circle, and nothing more comes of it");
  EXPECT_EQ((*answer)[2], (RouteLine{1, "/etc/aliases:3: 'nonsense'", "", "has no effect", Kind::Mistake}));
}

TEST_F(ExplanationTest, HasALimit) {
  Ask(std::vector<std::string>(queue::Explanation::kMaxLines + 10, "x"));
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, SizeIs(queue::Explanation::kMaxLines));
  EXPECT_THAT(answer->back().end, HasSubstr("and more: nothing is shown behind"));
  answer.reset();
  const std::string name(100000, 'x');
  router.ends[name] = {MakeEnd(kOk, "x")};
  Ask(std::vector<std::string>(20, name));
  EXPECT_LT(answer->size(), 12u);
}

TEST_F(ExplanationTest, AsksNothingWhenNobodyWaits) {
  gone.request_stop();
  Ask({"bob", "x"});
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, IsEmpty());
  EXPECT_THAT(world.couriers.deliveries, IsEmpty());
}

TEST(Inspector, HasRelaysTested) {
  FakeEnvironment world;
  queue::Scheduler scheduler(world.Get(), [] {});
  queue::Inspector inspector(world.Get(), world.router, scheduler);
  const auto ignore = [](const auto&) {};
  EXPECT_THROW(inspector.TestRelay("", ignore), std::invalid_argument) << "it names no relay";
  EXPECT_THROW(inspector.TestRelay("office", ignore), std::invalid_argument);
  std::string bad;
  world.settings.settings.relay.common.hosts = config::RelayList::Parse("a.example b.example", bad);
  std::vector<std::vector<mail::RelayReport>> answers;
  for (int i = 0; i < 2; ++i)
    inspector.TestRelay("", [&](auto reports) { answers.push_back(std::move(reports)); });
  ASSERT_THAT(world.couriers.probes, SizeIs(2));
  const auto& request = world.couriers.probes[0].request;
  EXPECT_TRUE(request.probe);
  EXPECT_THAT(request.relays, SizeIs(2));
  EXPECT_THAT(request.envelope.recipients, SizeIs(1));
  EXPECT_NE(request.envelope.id, world.couriers.probes[1].request.envelope.id);
  queue::Reply reply{queue::Results(1)};
  reply.reports.resize(2);
  world.couriers.probes[0].done(reply);
  world.couriers.probes[1].GiveBack();
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_THAT(answers[0], SizeIs(2));
  EXPECT_THAT(answers[1], IsEmpty());
}

TEST(Inspector, WarnsOfWhatWasFound) {
  FakeEnvironment world;
  queue::Scheduler scheduler(world.Get(), [] {});
  FakeEnvironment::FakeRouter other(world.clock);
  queue::Inspector inspector(world.Get(), other, scheduler);
  EXPECT_THAT(inspector.Warnings({}), IsEmpty());
  world.router.faults = {"table 'x' can't be opened"};
  world.router.faults_of["x"] = {"/etc/aliases:1: 'y'"};
  scheduler.Add({world.Put(world.MakeEnvelope({"x"}))});
  auto held = world.MakeEnvelope({"x"}, 2);
  held.held = "nobody has it";
  scheduler.Resume({world.Put(held)});
  world.clock.RunPosted();
  EXPECT_THAT(inspector.Warnings({}), ElementsAre("table 'x' can't be opened", "/etc/aliases:1: 'y'",
                                                  HasSubstr("1 message is held until root")));
  held = world.MakeEnvelope({"x"}, 3);
  held.held = "nobody has it";
  scheduler.Resume({world.Put(held)});
  EXPECT_THAT(inspector.Warnings({}).back(), HasSubstr("2 messages are held"));
}

}  // namespace
