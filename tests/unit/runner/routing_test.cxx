// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/routing.hxx"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

// A submitter of many addresses keeps nobody else waiting: theirs go on between the others'.
TEST(Routing, SubmittersTakeTurns) {
  constexpr uid_t kFirst = 1000, kSecond = 1001;
  constexpr std::size_t kMany = 5000;
  asio::io_context context;
  runner::Routing routing(context);
  const auto settings = std::make_shared<config::Settings>();
  settings->mail.hostname = settings->mail.domain = "host.example";
  std::vector<std::string> answered;
  const auto note = [&](const char* who) {
    return [&answered, who](const auto& expansions) {
      answered.push_back(who + std::to_string(expansions.size()));
    };
  };
  for (int i = 0; i < 2; ++i)
    routing.Expand(settings, {kFirst, std::vector<std::string>(kMany, "x@example.net"), "alice@", kFirst},
                   note("alice "));
  routing.Expand(settings, {kSecond, {"a@example.net", "b@example.net"}, "bob@", kSecond}, note("bob "));
  context.run();
  EXPECT_EQ(answered, (std::vector<std::string>{"bob 2", "alice 5000", "alice 5000"}));
}

// A long alias and as many recipients that lead to it: those behind the limit wait.
TEST(Routing, HasALimitOfTheEndsOfOneMessage) {
  constexpr std::size_t kMaxEnds = 500;
  constexpr std::size_t kEntries = 10;
  constexpr std::size_t kLists = 2 * kMaxEnds / kEntries;
  std::string members;
  for (std::size_t i = 0; i < kEntries; ++i) members += " a" + std::to_string(i) + "@example.net,";
  asio::io_context context;
  runner::Routing routing(context, kMaxEnds);
  const auto settings = std::make_shared<config::Settings>();
  settings->mail.hostname = settings->mail.domain = "host.example";
  settings->local.aliases = {config::TableSpec::Kind::Static, "all=" + members};
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < kLists; ++i) addresses.push_back("all+" + std::to_string(i));
  std::size_t ends = 0;
  std::size_t deferred = 0;
  routing.Expand(settings, {0, addresses, "", 0}, [&](const auto& expansions) {
    EXPECT_EQ(expansions.size(), kLists);
    for (const auto& expansion : expansions) {
      ends += expansion.ends.size();
      deferred += std::holds_alternative<mail::DeliveryResult>(expansion.ends.at(0).where);
    }
  });
  context.run();
  EXPECT_EQ(deferred, kLists / 2);
  EXPECT_EQ(ends, kMaxEnds + kLists / 2);
}
