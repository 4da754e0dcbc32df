// SPDX-License-Identifier: BSD-2-Clause
#include "queue/user_relays.hxx"

#include "courier/credentials.hxx"
#include "queue/destinations.hxx"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using courier::OwnRelays;
using queue::ApplyUserRelays;

struct UserRelaysTest : testing::Test {
  config::Settings settings;
  route::End end;

  UserRelaysTest() {
    settings.relay.common.options = {{"SourceAddress", "192.0.2.1"}, {"TlsAuthorities", "/etc/ca.pem"}};
    route::Route asked;
    asked.courier = route::Courier::Deliver;
    asked.uid = 1000;
    asked.owner = "alice";
    asked.own_relays = true;
    asked.sender = "alice@example.org";
    route::Route machine;
    machine.destination = "smtp://machine.example";
    end = {asked, "bob@example.net", {}, nullptr, {}, machine};
  }
  [[nodiscard]] route::Route Go(const OwnRelays& relays) const {
    const auto where = ApplyUserRelays(relays, end, settings);
    if (const auto* const result = std::get_if<mail::DeliveryResult>(&where)) ADD_FAILURE() << result->text;
    return std::holds_alternative<route::Route>(where) ? std::get<route::Route>(where) : route::Route{};
  }
};

const OwnRelays kRelays = {
    "/home/alice/relay.conf:2", "smtps://me@a.example smtp://b.example", "Helo=me.example\n", "17", {}};

TEST_F(UserRelaysTest, AreTheWay) {
  const auto route = Go(kRelays);
  EXPECT_EQ(route.courier, route::Courier::Relay);
  EXPECT_EQ(route.destination, kRelays.relays);
  EXPECT_EQ(route.options, "Helo=me.example\nSourceAddress=192.0.2.1\n");
  EXPECT_EQ(route.owner, "alice");
  EXPECT_EQ(route.sender, "alice@example.org");
  EXPECT_TRUE(route.leaves);
  EXPECT_FALSE(route.own_relays);
}

TEST_F(UserRelaysTest, GiveWayToTheMachinesWhereThereAreNone) {
  EXPECT_EQ(Go({}).destination, "smtp://machine.example");
  end.otherwise = mail::Deferred("4.4.4", "no relay");
  EXPECT_EQ(std::get<mail::DeliveryResult>(ApplyUserRelays({}, end, settings)).status, "4.4.4");
}

// An agent is no more than its user.
TEST_F(UserRelaysTest, AreNotBelieved) {
  for (const auto* bad :
       {"", "nonsense://a", "lmtp:/run/lmtp", "smtp://a.example lmtp:/run/lmtp", "a.example :"}) {
    auto relays = kRelays;
    relays.relays = bad;
    const auto where = ApplyUserRelays(relays, end, settings);
    ASSERT_TRUE(std::holds_alternative<mail::DeliveryResult>(where)) << bad;
    EXPECT_EQ(std::get<mail::DeliveryResult>(where).outcome, mail::Outcome::Deferred);
  }
  auto relays = kRelays;
  relays.options = "TokenCommand=/bin/sh\nTlsCertificate=office\nSourceAddress=192.0.2.7\nEndTimeout=1h\n";
  EXPECT_EQ(Go(relays).options, "SourceAddress=192.0.2.1\n");
  relays.options.clear();
  relays.credentials = std::string(courier::kMaxCredentialStamp + 1, '7');
  EXPECT_TRUE(std::holds_alternative<mail::DeliveryResult>(ApplyUserRelays(relays, end, settings)));
  relays = kRelays;
  relays.options = "nonsense";
  EXPECT_TRUE(std::holds_alternative<mail::DeliveryResult>(ApplyUserRelays(relays, end, settings)));
}

TEST_F(UserRelaysTest, NeverLogInWithThePasswordsOfTheMachine) {
  for (const bool own_relays : {true, false}) {
    auto asked = *end.GetRoute();
    asked.own_relays = own_relays;
    if (own_relays) asked.owner.clear();
    auto other = end;
    other.where = asked;
    EXPECT_TRUE(std::holds_alternative<mail::DeliveryResult>(ApplyUserRelays(kRelays, other, settings)));
  }
}

TEST_F(UserRelaysTest, AreDestinationsOfTheirOwn) {
  auto bobs = end;
  auto asked = *end.GetRoute();
  asked.owner = "bob";
  bobs.where = asked;
  auto changed = kRelays;
  changed.credentials = "18";
  auto machines = Go(kRelays);
  machines.owner.clear();
  const auto key_of = [](const route::Route& route) {
    return queue::Destinations::KeyOf(route, mail::TlsDemand::None);
  };
  const std::set<std::string> keys = {
      key_of(Go(kRelays)), key_of(Go(changed)),
      key_of(std::get<route::Route>(ApplyUserRelays(kRelays, bobs, settings))), key_of(machines)};
  EXPECT_EQ(keys.size(), 4U);
}

}  // namespace
