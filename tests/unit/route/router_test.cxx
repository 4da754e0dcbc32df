// SPDX-License-Identifier: BSD-2-Clause
#include "route/router.hxx"

#include <gtest/gtest.h>

namespace {

using route::Courier;
using route::LookupFailed;
using route::NoUser;
using route::Route;
using route::User;

std::variant<User, NoUser, LookupFailed> LookUp(const std::string& name) {
  if (name == "alice") return User{"alice", 1000};
  if (name == "a b") return User{"a b", 1001};
  if (name == "root") return User{"root", 0};
  if (name == "slow") return LookupFailed{"timeout"};
  return NoUser{};
}

struct RouterTest : testing::Test {
  config::Settings settings;
  RouterTest() {
    settings.mail.hostname = "host.example.org";
    settings.mail.domain = "example.org";
    settings.mail.local_domains = {"localhost", "host.example.org"};
    settings.relay.host = "smtp+tls://me@relay.example.org:587";
  }
  [[nodiscard]] route::Decision Decide(const std::string& address) const {
    return route::Router(settings, LookUp).Decide(address);
  }
};

TEST_F(RouterTest, DeliversLocally) {
  const struct {
    const char* address;
    uid_t uid;
  } cases[] = {{"alice", 1000},
               {"alice@localhost", 1000},
               {"alice@HOST.Example.ORG", 1000},
               {"Alice@localhost", 1000},
               {"\"alice\"@localhost", 1000},
               {"\"a b\"@localhost", 1001},
               {"postmaster@localhost", 0},
               {"PostMaster", 0}};
  for (const auto& [address, uid] : cases) {
    const auto decision = Decide(address);
    const auto* route = std::get_if<Route>(&decision);
    ASSERT_TRUE(route) << address;
    EXPECT_EQ(*route, (Route{Courier::Deliver, uid, "/var/mail/%u"})) << address;
  }
}

TEST_F(RouterTest, SendsTheRestToTheRelay) {
  for (const char* address : {"bob@example.net", "alice@example.org", "a@sub.localhost"})
    EXPECT_EQ(std::get<Route>(Decide(address)), (Route{Courier::Relay, 0, settings.relay.host})) << address;
}

TEST_F(RouterTest, AnswersWhereThereIsNowhereToGo) {
  const struct {
    const char* address;
    mail::Outcome outcome;
    const char* status;
  } cases[] = {{"nobody@localhost", mail::Outcome::Failed, "5.1.1"},
               {"slow", mail::Outcome::Deferred, "4.3.0"},
               {"a b@localhost", mail::Outcome::Failed, "5.1.3"}};
  for (const auto& [address, outcome, status] : cases) {
    const auto decision = Decide(address);
    const auto* result = std::get_if<mail::DeliveryResult>(&decision);
    ASSERT_TRUE(result) << address;
    EXPECT_EQ(result->outcome, outcome) << address;
    EXPECT_EQ(result->status, status) << address;
  }
}

TEST_F(RouterTest, KeepsMailThatNeedsARelayWhereThereIsNone) {
  settings.relay.host.clear();
  EXPECT_EQ(std::get<mail::DeliveryResult>(Decide("bob@example.net")).outcome, mail::Outcome::Deferred);
}

TEST_F(RouterTest, QualifiesOnlyWhatHasNoDomain) {
  const route::Router router(settings, LookUp);
  EXPECT_EQ(router.Qualify("alice"), "alice@example.org");
  EXPECT_EQ(router.Qualify("alice@localhost"), "alice@localhost");
  EXPECT_EQ(router.Qualify(""), "");
}

}  // namespace
