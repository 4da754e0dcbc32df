// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/routing.hxx"

#include <gtest/gtest.h>

#include <string>
#include <vector>

// A submitter of many addresses keeps nobody else waiting: theirs go on between the others'.
TEST(Routing, SubmittersTakeTurns) {
  constexpr uid_t kAlice = 1000, kBob = 1001;
  constexpr std::size_t kMany = 5000;
  asio::io_context context;
  runner::Routing routing(context);
  config::Settings settings;
  settings.mail.hostname = settings.mail.domain = "host.example";
  std::vector<std::string> answered;
  const auto note = [&](const char* who) {
    return [&answered, who](const auto& expansions) {
      answered.push_back(who + std::to_string(expansions.size()));
    };
  };
  for (int i = 0; i < 2; ++i)
    routing.Expand(settings, kAlice, std::vector<std::string>(kMany, "x@example.net"), "alice@", kAlice,
                   note("alice "));
  routing.Expand(settings, kBob, {"a@example.net", "b@example.net"}, "bob@", kBob, note("bob "));
  context.run();
  EXPECT_EQ(answered, (std::vector<std::string>{"bob 2", "alice 5000", "alice 5000"}));
}
