// SPDX-License-Identifier: BSD-2-Clause
#include "queue/attempt.hxx"

#include "base/error.hxx"
#include "courier/packet.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

using Call = FakeStore::Call;

// Destinations call back, which is where some tests make a fault.
struct AttemptTest : testing::Test {
  FakeEnvironment world;
  queue::Environment environment = world.Get();
  queue::MessageLog log{world.log, world.clock};
  bool is_broken = false;
  queue::Destinations destinations{[this](const std::string&) {
    if (is_broken) throw std::runtime_error("no memory");
  }};
  queue::Notices notices{world.log};
  queue::Shares attempts{10};
  queue::Entry entry;
  unsigned finished = 0;
  queue::Attempt::End end;

  void Start(mail::Envelope envelope, const std::string& message = "Subject: x\n\nbody\n") {
    spool::QueueBatch batch(world.queue);
    batch.Add(std::move(envelope), message);
    entry.envelope = batch.Commit().at(0);
    entry.places = 1;
    attempts.Take(entry.share, entry.places);
    const auto on_finished = [this](const auto& how) {
      ++finished;
      end = how;
    };
    const queue::Attempt::Means means{environment, log, destinations, notices, attempts};
    std::make_shared<queue::Attempt>(entry, world.settings.Current(), means, on_finished)->Start();
    world.clock.RunPosted();
  }
  void Start(const std::vector<std::string>& recipients) { Start(world.MakeEnvelope(recipients)); }
  void Answer(std::size_t order, const std::optional<mail::DeliveryResult>& result) {
    world.couriers.Answer(order, result);
    world.clock.RunPosted();
  }
  void Answer(std::size_t order, const queue::Reply& reply) {
    const auto done = Order(order).done;
    done(reply);
    world.clock.RunPosted();
  }
  [[nodiscard]] const queue::Order& Order(std::size_t index) const {
    return world.couriers.deliveries.at(index).order;
  }
  [[nodiscard]] const courier::Request& Request(std::size_t index) const { return Order(index).request; }
  [[nodiscard]] std::size_t Orders() const { return world.couriers.deliveries.size(); }
  [[nodiscard]] const mail::Recipient& Recipient(std::size_t index = 0) const {
    return entry.envelope.recipients.at(index);
  }
  [[nodiscard]] std::string RelayKey() const {
    return queue::Destinations::KeyOf(world.couriers.deliveries.at(0).route, mail::TlsDemand::None);
  }
  // All places of the relay, which so has no room for this message.
  void FillRelay() {
    const auto where = MakeRemoteEnd("x");
    const auto key = queue::Destinations::KeyOf(*where.GetRoute(), mail::TlsDemand::None);
    while (!std::holds_alternative<queue::Destinations::Busy>(destinations.Ask(key, world.clock.Now())))
      continue;
  }
  // Bob's agent has found this in his forward file.
  static queue::Reply ForwardTo(const std::vector<std::string>& addresses) {
    queue::Reply reply{queue::Results(1)};
    auto& forward = reply.forward.emplace();
    forward.path = "/home/bob/.forward";
    for (const auto& address : addresses)
      forward.destinations.push_back({mail::Destination::Kind::Address, address});
    return reply;
  }
};

TEST_F(AttemptTest, HandsAMessageToItsRelay) {
  auto envelope = world.MakeEnvelope({"x@example.net"});
  envelope.submitter = 1000;
  envelope.envid = "id";
  Start(envelope);
  ASSERT_EQ(Orders(), 1u);
  const auto& request = Request(0);
  EXPECT_THAT(request.relays, ElementsAre("smtp://relay.example"));
  EXPECT_EQ(request.helo, "host.example.org");
  EXPECT_EQ(request.envelope.sender, "alice@example.org");
  EXPECT_EQ(request.envelope.envid, "id");
  ASSERT_THAT(request.envelope.recipients, SizeIs(1));
  EXPECT_EQ(request.envelope.recipients[0].address, "x@example.net");
  EXPECT_THAT(request.head,
              testing::StartsWith("Received: by host.example.org (mailqueue, from userid 1000)"));
  EXPECT_TRUE(Order(0).open());
  EXPECT_EQ(finished, 0u);
  Answer(0, kOk);
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.tried);
  EXPECT_TRUE(end.changed);
  EXPECT_FALSE(end.lost);
  EXPECT_EQ(Recipient().result->outcome, mail::Outcome::Delivered);
  EXPECT_EQ(world.log.Count("to 'x@example.net': delivered 2.0.0 'ok'"), 1u);
}

TEST_F(AttemptTest, WritesEachOutcomeIntoTheEnvelope) {
  world.router.ends["y"] = {MakeRemoteEnd("y", "alice@example.org", "smtp://other.example")};
  Start({"x", "y"});
  ASSERT_EQ(Orders(), 2u);
  Answer(0, mail::Deferred("4.4.1", "connection refused"));
  EXPECT_EQ(finished, 0u);
  Answer(1, mail::Failed("5.1.1", "no such user"));
  EXPECT_EQ(finished, 1u);
  const auto first = Request(0).relays.at(0) == "smtp://relay.example" ? 0u : 1u;
  EXPECT_EQ(Recipient(first).result->status, "4.4.1");
  EXPECT_EQ(Recipient(1 - first).result->status, "5.1.1");
}

TEST_F(AttemptTest, AsksNobodyForWhatIsSettled) {
  auto envelope = world.MakeEnvelope({"x", "y"});
  envelope.recipients[0].result = kOk;
  Start(envelope);
  ASSERT_EQ(Orders(), 1u);
  ASSERT_THAT(Request(0).envelope.recipients, SizeIs(1));
  EXPECT_EQ(Request(0).envelope.recipients[0].address, "y");
}

TEST_F(AttemptTest, RecipientsOfOneRouteShareARequest) {
  Start({"x@example.net", "y@example.net"});
  ASSERT_EQ(Orders(), 1u);
  ASSERT_THAT(Request(0).envelope.recipients, SizeIs(2));
  Answer(0, queue::Reply{{kOk, mail::Failed("5.1.1", "no")}});
  EXPECT_EQ(Recipient(0).result->outcome, mail::Outcome::Delivered);
  EXPECT_EQ(Recipient(1).result->outcome, mail::Outcome::Failed);
}

TEST_F(AttemptTest, EndsAtOnceWhereNothingIsToBeDelivered) {
  world.router.ends["x"] = {MakeEnd(mail::Failed("5.1.1", "no such user"), "x")};
  world.router.ends["y"] = {};
  Start({"x", "y"});
  EXPECT_EQ(finished, 1u);
  EXPECT_FALSE(end.tried);
  EXPECT_TRUE(end.changed);
  EXPECT_EQ(Recipient(0).result->status, "5.1.1");
  EXPECT_EQ(Recipient(1).result->outcome, mail::Outcome::Failed);
}

TEST_F(AttemptTest, EndsWhenTheMessageCanNotBeOpened) {
  world.store.on_call = [](Call call, const auto&) {
    if (call == Call::ReadHeader) throw MakeErrno(EMFILE, "Failed to open it");
  };
  Start({"x@example.net"});
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.lost);
  EXPECT_FALSE(Recipient().result);
}

TEST_F(AttemptTest, EndsAfterAFaultInAnAnswer) {
  Start({"x@example.net"});
  ASSERT_EQ(Orders(), 1u);
  FillRelay();  // now somebody waits for it
  is_broken = true;
  Answer(0, kOk);
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.lost);
  EXPECT_FALSE(Recipient().IsSettled());
}

TEST_F(AttemptTest, WaitsForTheLastCourierAfterAFault) {
  world.router.ends["y"] = {MakeUserEnd("y", kBob)};
  Start({"x", "y"});
  ASSERT_EQ(Orders(), 2u);
  const std::size_t relay = Request(0).relays.empty() ? 1 : 0;
  FillRelay();
  is_broken = true;
  Answer(relay, kOk);
  EXPECT_EQ(finished, 0u);
  Answer(1 - relay, kOk);
  EXPECT_EQ(finished, 1u);
  EXPECT_EQ(Recipient(1).result->outcome, mail::Outcome::Delivered);
}

// A courier that breaks down before it has taken the order.
TEST_F(AttemptTest, EndsWhenACourierTakesNoOrder) {
  world.couriers.fails = true;
  Start({"x@example.net"});
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.lost);
  EXPECT_EQ(destinations.Size(), 0u) << "the place that it had there";
}

TEST_F(AttemptTest, TakesACourierThatDiesForLost) {
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  world.router.ends["cmd"] = {MakeCommandEnd("bob", kBob, "/bin/cat")};
  Start({"x", "bob", "cmd"});
  ASSERT_EQ(Orders(), 3u);
  for (std::size_t i = 0; i < 3; ++i) Answer(i, std::nullopt);
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.lost);
  EXPECT_THAT(Recipient(0).result->text, HasSubstr("journalctl -u mailqueue-relay"));
  EXPECT_THAT(Recipient(1).result->text, HasSubstr("'mailqueue-deliver-1001-*'"));
  EXPECT_THAT(Recipient(2).result->text, HasSubstr("'mailqueue-command-1001-*'"));
  EXPECT_EQ(destinations.Size(), 0u);
}

TEST_F(AttemptTest, SaysWhatACourierDiedOf) {
  Start({"x"});
  queue::Reply reply{queue::Results(1)};
  reply.fault = "Too many open files";
  Answer(0, reply);
  EXPECT_EQ(Recipient().result->text, "Too many open files");
  EXPECT_TRUE(end.lost);
}

TEST_F(AttemptTest, CountsTheFirstAnswerOnly) {
  Start({"x"});
  const auto order = Order(0);
  Answer(0, mail::Deferred("4.4.1", "refused"));
  order.done({{kOk}});
  world.clock.RunPosted();
  EXPECT_EQ(finished, 1u);
  EXPECT_EQ(Recipient().result->status, "4.4.1");
}

TEST_F(AttemptTest, TakesAnAnswerWithTooFewResultsForNone) {
  for (const auto& results : {queue::Results{}, queue::Results{kOk}}) {
    Start(world.MakeEnvelope({"x", "y"}, finished + 1));
    Answer(Orders() - 1, queue::Reply{results});
    EXPECT_TRUE(end.lost);
    EXPECT_FALSE(Recipient(1).IsSettled());
  }
  EXPECT_EQ(finished, 2u);
}

TEST_F(AttemptTest, BelievesNoAnswerToWhatItHasNotAsked) {
  queue::Reply forward = ForwardTo({"y"});
  queue::Reply relays{queue::Results(1)};
  relays.own_relays.emplace().relays = "smtp://evil.example";
  for (const auto& reply : {forward, relays}) {
    Start(world.MakeEnvelope({"x"}, finished + 1));
    Answer(Orders() - 1, reply);
    EXPECT_TRUE(end.lost);
    EXPECT_FALSE(Recipient().IsSettled());
  }
  EXPECT_EQ(Orders(), 2u);
}

TEST_F(AttemptTest, WaitsForACourierThatNeverAnswers) {
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  Start({"x", "bob"});
  ASSERT_EQ(Orders(), 2u);
  Answer(0, kOk);
  world.clock.Advance(24h);
  EXPECT_EQ(finished, 0u);
  Answer(1, kOk);
  EXPECT_EQ(finished, 1u);
}

// Whatever is settled is on stable storage before the next copy is delivered.
TEST_F(AttemptTest, StoresEachResultBeforeItGoesOn) {
  world.router.ends["a"] = {MakeCommandEnd("bob", kBob, "/bin/a")};
  world.router.ends["b"] = {MakeCommandEnd("bob", kBob, "/bin/b")};
  std::vector<std::string> order;
  world.store.on_call = [&](Call call, const auto&) {
    if (call == Call::Update) order.push_back("stored, " + std::to_string(Orders()) + " delivered");
  };
  Start({"a", "b"});
  EXPECT_EQ(Orders(), 1u) << "of commands one runs at a time";
  Answer(0, kOk);
  EXPECT_EQ(Orders(), 2u);
  EXPECT_THAT(order, ElementsAre("stored, 1 delivered"));
  const auto reading = world.queue.Read(entry.envelope.id);
  EXPECT_TRUE(std::get<mail::Envelope>(reading).recipients[0].IsSettled());
  Answer(1, kOk);
  EXPECT_THAT(order, SizeIs(1)) << "the end of the attempt stores the last one";
}

TEST_F(AttemptTest, GoesOnWhenAResultCanNotBeStored) {
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  Start({"x", "bob"});
  world.store.on_call = [](Call call, const auto&) {
    if (call == Call::Update) throw MakeErrno(ENOSPC, "Failed to write it");
  };
  Answer(0, kOk);
  Answer(1, kOk);
  EXPECT_EQ(finished, 1u);
  EXPECT_FALSE(end.lost);
  EXPECT_EQ(world.log.Count("Failed to store results: "), 1u);
}

// Storing thousands of recipients for each of thousands of answers would take all the time.
TEST_F(AttemptTest, StoresALargeMessageATwentiethOfTheTime) {
  std::vector<std::string> recipients;
  for (int i = 0; i < 200; ++i) {
    recipients.push_back("x" + std::to_string(i));
    world.router.ends[recipients.back()] = {MakeRemoteEnd(recipients.back(), "alice@example.org",
                                                          "smtp://relay" + std::to_string(i) + ".example")};
  }
  unsigned stored = 0;
  world.store.on_call = [&](Call call, const auto&) {
    if (call != Call::Update) return;
    ++stored;
    world.clock.Advance(10ms);
  };
  Start(recipients);
  ASSERT_EQ(Orders(), 200u);
  for (std::size_t i = 0; i < 100; ++i) Answer(i, kOk);
  world.clock.Advance(0ms);
  EXPECT_EQ(stored, 1u);
  for (std::size_t i = 100; i < 199; ++i) Answer(i, kOk);
  world.clock.Advance(199ms);
  EXPECT_EQ(stored, 1u);
  world.clock.Advance(1ms);
  EXPECT_EQ(stored, 2u);
  Answer(199, kOk);
  EXPECT_EQ(finished, 1u);
  EXPECT_FALSE(world.clock.AdvanceToTimer());
}

TEST_F(AttemptTest, FollowsAForwardFile) {
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  Start({"bob"});
  ASSERT_EQ(Orders(), 1u);
  EXPECT_TRUE(Request(0).forward);
  EXPECT_EQ(Request(0).destination, "/var/mail/bob");
  auto reply = ForwardTo({"x@example.net", "y@example.net"});
  reply.forward->faults = {"/home/bob/.forward:3: 'nonsense'"};
  Answer(0, reply);
  ASSERT_EQ(Orders(), 2u);
  EXPECT_THAT(Request(1).envelope.recipients, SizeIs(2));
  EXPECT_EQ(Request(1).envelope.recipients[0].original, "rfc822;bob");
  Answer(1, queue::Reply{{kOk, mail::Deferred("4.4.1", "refused")}});
  EXPECT_EQ(finished, 1u);
  ASSERT_THAT(Recipient().ends, SizeIs(2));
  EXPECT_EQ(Recipient().result->outcome, mail::Outcome::Deferred) << "the worst of them speaks for all";
  EXPECT_THAT(notices.For({}), ElementsAre("/home/bob/.forward:3: 'nonsense'"));
}

TEST_F(AttemptTest, DefersAForwardFileForWhichThereIsNoRoomBesideTheRecipients) {
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  Start({"bob"});
  Answer(0, ForwardTo(std::vector<std::string>(queue::Plan::kMaxWays + 1, "x@example.net")));
  EXPECT_EQ(finished, 1u);
  EXPECT_EQ(Recipient().result->status, "4.3.5");
}

// Alone a submitter may have any number; beside their other mail only their share.
TEST_F(AttemptTest, PutsOffAForwardFileForWhichItsSubmitterHasNoPlaces) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 400; ++i) addresses.push_back("x" + std::to_string(i));
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  entry.share = 1000;
  attempts.Take(1000, 4);  // their other mail
  Start({"bob"});
  Answer(0, ForwardTo(addresses));
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.crowded);
  EXPECT_EQ(entry.weight, queue::Attempt::WeightOf(401));
  EXPECT_FALSE(Recipient().result);
  attempts.GiveBack(1000, 4);
  attempts.GiveBack(1000, entry.places);
  finished = 0;
  Start(world.MakeEnvelope({"bob"}, 2));
  Answer(1, ForwardTo(addresses));
  EXPECT_EQ(entry.places, entry.weight);
  EXPECT_EQ(Orders(), 3u);
}

TEST_F(AttemptTest, PutsOffWhatAnAgentHasNoRoomFor) {
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  world.couriers.full.insert({route::Courier::Deliver, kBob});
  Start({"bob", "x"});
  ASSERT_EQ(Orders(), 1u) << "others go on";
  Answer(0, kOk);
  EXPECT_EQ(finished, 1u);
  ASSERT_THAT(end.busy, SizeIs(1));
  EXPECT_EQ(end.busy[0].key, queue::Attempt::RoomKey(route::Courier::Deliver, kBob));
  EXPECT_FALSE(Recipient(0).result);
}

TEST_F(AttemptTest, PutsOffWhatAnAgentGivesBack) {
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  Start({"bob"});
  Answer(0, queue::Reply{.results = queue::Results(1), .put_off = true});
  EXPECT_EQ(finished, 1u);
  ASSERT_THAT(end.busy, SizeIs(1));
  EXPECT_EQ(end.busy[0].key, queue::Attempt::RoomKey(route::Courier::Deliver, kBob));
  EXPECT_FALSE(end.changed);
  EXPECT_FALSE(end.lost);
}

TEST_F(AttemptTest, PutsOffWhatARelayGivesBack) {
  Start({"x"});
  Answer(0, queue::Reply{.results = queue::Results(1), .put_off = true});
  EXPECT_EQ(finished, 1u);
  ASSERT_THAT(end.busy, SizeIs(1));
  EXPECT_EQ(end.busy[0].key, RelayKey());
  EXPECT_EQ(destinations.Size(), 0u) << "the place that it had there";
}

TEST_F(AttemptTest, PutsOffWhatADestinationHasNoRoomFor) {
  FillRelay();
  Start({"x", "y"});
  EXPECT_EQ(Orders(), 0u);
  EXPECT_EQ(finished, 1u);
  EXPECT_FALSE(end.tried);
  ASSERT_THAT(end.busy, SizeIs(1));
  EXPECT_EQ(end.busy[0].courier, route::Courier::Relay);
}

TEST_F(AttemptTest, KnowsADestinationThatIsDown) {
  Start({"x"});
  Answer(0, queue::Reply{.results = {mail::Deferred("4.4.1", "unreachable")}, .unreached = true});
  EXPECT_EQ(end.until, mail::Time{});
  Start(world.MakeEnvelope({"y"}, 2));
  EXPECT_EQ(finished, 2u);
  EXPECT_EQ(Orders(), 1u);
  EXPECT_EQ(Recipient().result->text, "unreachable");
  EXPECT_EQ(end.until, world.clock.Now() + world.settings.settings.queue.retry_min);
  EXPECT_TRUE(end.tried);
}

struct AttemptWithUserRelaysTest : AttemptTest {
  AttemptWithUserRelaysTest() {
    auto asked = MakeRemoteEnd("x@example.net");
    auto& route = std::get<route::Route>(asked.where);
    asked.otherwise = asked.where;
    route.courier = route::Courier::Deliver;
    route.uid = 1000;
    route.owner = "alice";
    route.own_relays = true;
    world.router.ends["x"] = {asked};
  }
  static queue::Reply Choose(const std::string& relays) {
    queue::Reply reply{queue::Results(1)};
    reply.own_relays = {"/home/alice/relay.conf:2", relays, "", "17", {"/home/alice/relay.conf:3: 'x'"}};
    return reply;
  }
};

TEST_F(AttemptWithUserRelaysTest, GoesOverThem) {
  Start({"x"});
  ASSERT_EQ(Orders(), 1u);
  EXPECT_TRUE(Request(0).own_relays);
  auto reply = Choose("smtps://alice@mine.example");
  reply.credentials = std::make_shared<const UniqueFd>();
  Answer(0, reply);
  ASSERT_EQ(Orders(), 2u);
  EXPECT_THAT(Request(1).relays, ElementsAre("smtps://alice@mine.example"));
  EXPECT_EQ(Request(1).owner, "alice");
  EXPECT_EQ(Order(1).credentials, reply.credentials);
  Answer(1, kOk);
  EXPECT_EQ(finished, 1u);
  EXPECT_EQ(Recipient().result->outcome, mail::Outcome::Delivered);
  EXPECT_THAT(notices.For({}), ElementsAre("/home/alice/relay.conf:3: 'x'"));
}

TEST_F(AttemptWithUserRelaysTest, GoesOverTheMachinesWhereThereAreNone) {
  Start({"x"});
  queue::Reply none{queue::Results(1)};
  none.own_relays.emplace();
  Answer(0, none);
  ASSERT_EQ(Orders(), 2u);
  EXPECT_THAT(Request(1).relays, ElementsAre("smtp://relay.example"));
  EXPECT_EQ(Order(1).credentials, nullptr);
}

TEST_F(AttemptWithUserRelaysTest, DefersWhatIsNotUnderstood) {
  Start({"x"});
  Answer(0, Choose("nonsense://x"));
  EXPECT_EQ(finished, 1u);
  EXPECT_EQ(Recipient().result->status, "4.3.5");
}

TEST_F(AttemptTest, FindsALoop) {
  std::string head;
  for (std::size_t i = 0; i <= queue::Trace::kMaxReceived; ++i) head += "Received: by x\n";
  Start(world.MakeEnvelope({"x", "y"}), head + "\n");
  EXPECT_EQ(finished, 1u);
  EXPECT_EQ(Orders(), 0u);
  EXPECT_EQ(Recipient(0).result->status, "5.4.6");
  EXPECT_EQ(Recipient(1).result->status, "5.4.6");
}

TEST_F(AttemptTest, SplitsARequestThatIsTooLarge) {
  std::vector<std::string> recipients;
  const std::string name(900, 'x');
  for (std::size_t i = 0; i < courier::kMaxPacket / 900 + 10; ++i)
    recipients.push_back(name + std::to_string(i));
  Start(recipients);
  EXPECT_EQ(Orders(), 2u);
  std::size_t sum = 0;
  for (const auto& delivery : world.couriers.deliveries) {
    EXPECT_LE(delivery.order.request.ToText().size(), courier::kMaxPacket);
    sum += delivery.order.request.envelope.recipients.size();
  }
  EXPECT_EQ(sum, recipients.size());
}

TEST_F(AttemptTest, DefersARecipientThatIsTooLarge) {
  Start({std::string(courier::kMaxPacket, 'x'), "y"});
  ASSERT_EQ(Orders(), 1u);
  EXPECT_EQ(Recipient(0).result->status, "4.3.5");
  EXPECT_EQ(Request(0).envelope.recipients.at(0).address, "y");
}

TEST_F(AttemptTest, DefersARouteThatMakesNoRequest) {
  world.router.ends["x"] = {MakeRemoteEnd("x", "alice@example.org", "nonsense://")};
  Start({"x"});
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.lost);
  EXPECT_THAT(Recipient().result->text, HasSubstr("not a list of relays"));
}

TEST_F(AttemptTest, DrawsAmongRelaysOfEqualRank) {
  world.router.ends["x"] = {MakeRemoteEnd("x", "alice@example.org", "smtp://a.example|smtp://b.example")};
  std::set<std::string> first;
  for (int i = 1; i < 50; ++i) {
    world.random = static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15;
    Start(world.MakeEnvelope({"x"}, i));
    first.insert(Request(Orders() - 1).relays.at(0));
    Answer(Orders() - 1, kOk);
  }
  EXPECT_THAT(first, ElementsAre("smtp://a.example", "smtp://b.example"));
}

TEST_F(AttemptTest, PassesOnWhatTheMessageAsksOfTls) {
  Start(world.MakeEnvelope({"x"}), "TLS-Required: No\n\n");
  EXPECT_EQ(Request(0).envelope.tls, mail::TlsDemand::Optional);
  auto required = world.MakeEnvelope({"x"}, 2);
  required.tls = mail::TlsDemand::Required;
  Start(required, "TLS-Required: No\n\n");
  EXPECT_EQ(Request(1).envelope.tls, mail::TlsDemand::Required) << "RFC 8689 section 3";
}

TEST_F(AttemptTest, CompletesTheSender) {
  world.router.ends["x"] = {MakeRemoteEnd("x", "alice")};
  Start({"x"});
  EXPECT_EQ(Request(0).envelope.sender, "alice@host.example.org");
}

TEST_F(AttemptTest, TellsWhoseMailboxHasWhichResult) {
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  Start({"bob", "x"});
  const std::size_t relay = Request(0).relays.empty() ? 1 : 0;
  Answer(relay, mail::Deferred("4.2.1", "a mailbox of the server's own"));
  Answer(1 - relay, mail::Deferred("4.2.1", "no home"));
  EXPECT_THAT(world.couriers.results, ElementsAre(std::pair<uid_t, std::string>(kBob, "4.2.1")));
}

TEST_F(AttemptTest, TellsAnAgentEveryAddressThatLeadsToItsMailbox) {
  for (const auto* name : {"bob", "postmaster"}) world.router.ends[name] = {MakeUserEnd("bob", kBob)};
  entry.again = true;
  Start({"bob", "postmaster"});
  ASSERT_EQ(Orders(), 1u);
  EXPECT_THAT(Request(0).envelope.recipients, SizeIs(2));
  EXPECT_TRUE(Request(0).again);
  Answer(0, queue::Reply{{kOk, kOk}});
  EXPECT_TRUE(Recipient(0).IsSettled());
  EXPECT_TRUE(Recipient(1).IsSettled());
}

TEST_F(AttemptTest, NotesFaultsOfTables) {
  world.router.ends["x"] = {MakeRemoteEnd("x")};
  world.router.faults_of["x"] = {"/etc/aliases:1: 'y'"};
  world.router.is_unanswered = true;
  Start({"x"});
  Answer(0, kOk);
  EXPECT_THAT(notices.For({}), ElementsAre("/etc/aliases:1: 'y'"));
  EXPECT_TRUE(end.unanswered);
}

TEST_F(AttemptTest, EndsWhenTheRouterSaysNothing) {
  world.router.says_nothing = true;
  Start({"x"});
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.lost);
  world.router.says_nothing = false;
  world.router.ends["bob"] = {MakeUserEnd("bob", kBob)};
  Start(world.MakeEnvelope({"bob"}, 2));
  world.router.says_nothing = true;
  Answer(0, ForwardTo({"x"}));
  EXPECT_EQ(finished, 2u);
  EXPECT_TRUE(end.lost);
}

// Nobody would wake it in another turn.
TEST_F(AttemptTest, GoesOnInThisTurnWhereThereIsNoMemoryForAnother) {
  world.router.ends["a"] = {MakeCommandEnd("bob", kBob, "/bin/a")};
  world.router.ends["b"] = {MakeCommandEnd("bob", kBob, "/bin/b")};
  Start({"a", "b"});
  world.clock.tick = 10ms;
  world.clock.on_post = [] { throw std::bad_alloc(); };
  Answer(0, kOk);
  ASSERT_EQ(Orders(), 2u);
  Answer(1, kOk);
  EXPECT_EQ(finished, 1u);
}

// Others' mail goes on between the steps of a message with thousands of recipients.
TEST_F(AttemptTest, TakesManyStepsInSlices) {
  world.clock.tick = 1ms;
  spool::QueueBatch batch(world.queue);
  Start(std::vector<std::string>(1000, "x"));
  EXPECT_EQ(Orders(), 1u);
  world.clock.tick = 0ms;
}

// What the results of an agent and of a command say of it is for its user, and in the log.
TEST_F(AttemptTest, CoversWhatAPrivateForwardFileSays) {
  const auto lineage = std::make_shared<route::Lineage>();
  lineage->depth = 1;
  lineage->cover = "bob@host.example.org";
  const auto mailbox = world.settings.settings.local.MailboxOf(1000);
  for (const char* place : {"/home/bob/Secret/box", mailbox.c_str(), "|/home/bob/Secret/run --all"}) {
    auto end = *place == '|' ? MakeCommandEnd("bob", 1000, place + 1) : MakeUserEnd("bob", 1000, false);
    std::get<route::Route>(end.where).destination = place;
    end.lineage = lineage;
    end.address = "bob@host.example.org";
    world.router.ends[place] = {end};
  }
  Start({"/home/bob/Secret/box", mailbox, "|/home/bob/Secret/run --all"});
  ASSERT_EQ(world.couriers.deliveries.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& place = world.couriers.deliveries[i].route.destination;
    Answer(i, *place.c_str() == '|'
                  ? mail::Failed("5.1.1", "command '/home/bob/Secret/run' exited with status 67: not her")
                  : mail::Deferred("4.2.0", "Mailbox '" + place + "' is locked"));
  }
  const auto told = [&](std::size_t index) { return Recipient(index).ends.at(0).result.value(); };
  EXPECT_EQ(told(0).text.find("Secret"), std::string::npos) << told(0).text;
  EXPECT_EQ(told(0).status, "4.2.0");
  EXPECT_EQ(told(1).text, "Mailbox '" + mailbox + "' is locked") << "the configuration says so";
  EXPECT_EQ(told(2).text, "a command of bob@host.example.org exited with status 67: not her");
  EXPECT_GT(world.log.Count("Secret/box"), 0u);
}

}  // namespace
