// SPDX-License-Identifier: BSD-2-Clause
// What a server can do wrong at each place of a dialog, and at each octet of it.
#include "smtp/client/client.hxx"

#include "unit/smtp/client/scripted_server.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>

namespace {

using mail::Outcome;

constexpr auto kNever = std::numeric_limits<std::size_t>::max();

struct Kind {
  const char* name;
  const char* extensions;
  bool lmtp;
};

constexpr Kind kKinds[] = {
    {"plain", "", false},
    {"pipelining", "250-PIPELINING\r\n", false},
    {"chunking", "250-PIPELINING\r\n250-CHUNKING\r\n", false},
    {"limits", "250-PIPELINING\r\n250-LIMITS RCPTMAX=2\r\n", false},
    {"lmtp", "250-PIPELINING\r\n", true},
};

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    envelope_.sender = "a@example.org";
    for (const char* name : {"b", "c", "d"}) envelope_.recipients.emplace_back().address = name + domain_;
  }

  static ScriptedServer MakeServer(const Kind& kind) {
    ScriptedServer server;
    server.extensions = kind.extensions;
    server.lmtp = kind.lmtp;
    return server;
  }
  Exchange Run(ScriptedServer& server, std::size_t piece = kNever, std::size_t cut = kNever) {
    smtp::SessionPolicy policy;
    policy.helo = "client.example";
    policy.lmtp = server.lmtp;
    return Exchange::Run(server, policy, message_, piece, cut);
  }
  // How often the server has taken the message on for a recipient.
  std::size_t TimesTaken(const ScriptedServer& server, std::size_t recipient) const {
    return static_cast<std::size_t>(
        std::ranges::count(server.taken, "RCPT TO:<" + envelope_.recipients[recipient].address + ">"));
  }
  // Nothing may be lost, and nothing be sent twice but what the server has not confirmed.
  void Check(const ScriptedServer& server, const Exchange& exchange, const std::string& what) const {
    if (!exchange.report) {
      ASSERT_TRUE(exchange.refusal) << what;
      EXPECT_EQ(exchange.refusal->outcome, Outcome::Deferred) << what;
      EXPECT_TRUE(server.taken.empty()) << what;
      return;
    }
    ASSERT_EQ(exchange.report->results.size(), envelope_.recipients.size()) << what;
    for (std::size_t i = 0; i < envelope_.recipients.size(); ++i) {
      const auto taken = TimesTaken(server, i);
      EXPECT_LE(taken, 1U) << what;
      const bool lost = exchange.report->results[i].outcome == Outcome::Delivered && taken == 0;
      EXPECT_FALSE(lost) << what;
      const auto& untouched = exchange.report->untouched;
      const bool again = std::ranges::find(untouched, i) != untouched.end();
      EXPECT_FALSE(again && taken > 0) << what << ": sent twice";
    }
  }

  const std::string domain_ = "@example.net";
  mail::Envelope envelope_;
  smtp::Message message_{envelope_, 2, false};
};

TEST_F(ClientTest, SendsToAllWhateverThePieces) {
  for (const auto& kind : kKinds)
    for (std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, kNever}) {
      auto server = MakeServer(kind);
      const auto exchange = Run(server, piece);
      ASSERT_TRUE(exchange.report) << kind.name;
      EXPECT_TRUE(exchange.ready) << kind.name;
      for (const auto& result : exchange.report->results)
        EXPECT_EQ(result.outcome, Outcome::Delivered) << kind.name;
      Check(server, exchange, kind.name);
    }
}

TEST_F(ClientTest, LosesNothingWhereverTheLineBreaks) {
  for (const auto& kind : kKinds) {
    auto whole = MakeServer(kind);
    const auto octets = Run(whole).octets;
    for (std::size_t cut = 0; cut < octets; ++cut) {
      auto server = MakeServer(kind);
      const auto exchange = Run(server, 1, cut);
      EXPECT_FALSE(exchange.ready);
      Check(server, exchange, kind.name + (" cut at " + std::to_string(cut)));
    }
  }
}

TEST_F(ClientTest, LosesNothingWhateverAReplyIs) {
  const std::string long_line(100 * 1024, 'x');
  std::string endless;
  for (int i = 0; i < 5000; ++i) endless += "250-and so on and on\r\n";
  const std::string replies[] = {
      "421 4.3.2 leaving\r\n",
      "450 later\r\n",
      "550 5.7.1 no\r\n",
      "554 no\r\n",
      "250 ok\r\n",
      "220 ok\r\n",
      "354 go on\r\n",
      "334 \r\n",
      "199 what\r\n",
      "600 what\r\n",
      "nonsense\r\n",
      "\r\n",
      "2\r\n",
      "250\r\n",
      "250-ok\r\n550 no\r\n",
      "250 ok\r\n250 one more\r\n",
      "250 ok\r\n550 one more\r\n550 and more\r\n",
      "250 " + long_line + "\r\n",
      long_line,
      endless,
      std::string("250 a\0b\r\n", 9),
      std::string("\0\0\r\n", 4),
      "250 ok\n",
      "250 ok\r\r\n",
      "250\tok\r\n",
      "",
      "250 2.0.0 ok\r\n\r\n",
      "452 4.5.3 too many\r\n",
      "452 full\r\n",
      "\xff\xfe\r\n",
      "530 5.7.0 log in\r\n",
  };
  for (const auto& kind : kKinds) {
    auto whole = MakeServer(kind);
    (void)Run(whole);
    for (std::size_t index = 0; index < whole.replies; ++index)
      for (const auto& reply : replies)
        for (std::size_t piece : {std::size_t{1000}, kNever}) {
          auto server = MakeServer(kind);
          server.replace = [&](std::size_t number, const std::string&) {
            return number == index ? std::optional(reply) : std::nullopt;
          };
          const auto exchange = Run(server, piece);
          const auto what =
              std::string(kind.name) + ", reply " + std::to_string(index) + ": " + reply.substr(0, 40);
          EXPECT_FALSE(server.text_as_commands) << what;
          // A server that says more than it was asked, or another code than it means, can mislead about
          // itself alone: what it says 2xx to it has.
          if (exchange.report) {
            ASSERT_EQ(exchange.report->results.size(), 3U) << what;
            for (const auto& result : exchange.report->results)
              EXPECT_LE(result.text.size(), smtp::Reply::kMaxShown + 100) << what;
            for (std::size_t i = 0; i < 3; ++i) EXPECT_LE(TimesTaken(server, i), 1U) << what;
            for (const auto place : exchange.report->untouched)
              EXPECT_EQ(TimesTaken(server, place), 0U) << what;
          } else {
            ASSERT_TRUE(exchange.refusal) << what;
            EXPECT_EQ(exchange.refusal->outcome, Outcome::Deferred) << what;
          }
        }
  }
}

TEST_F(ClientTest, NeverBouncesForWhatIsNotAboutTheMessage) {
  const std::string replies[] = {"421 4.3.2 leaving\r\n", "450 later\r\n", "354 go on\r\n",
                                 "199 what\r\n",          "nonsense\r\n",  "250-ok\r\n550 no\r\n",
                                 "530 5.7.0 log in\r\n"};
  for (const auto& kind : kKinds) {
    auto whole = MakeServer(kind);
    (void)Run(whole);
    for (std::size_t index = 0; index < whole.replies; ++index)
      for (const auto& reply : replies) {
        auto server = MakeServer(kind);
        server.replace = [&](std::size_t number, const std::string&) {
          return number == index ? std::optional(reply) : std::nullopt;
        };
        const auto exchange = Run(server);
        if (!exchange.report) continue;
        for (const auto& result : exchange.report->results)
          EXPECT_NE(result.outcome, Outcome::Failed) << kind.name << ", reply " << index << ": " << reply;
      }
  }
}

TEST_F(ClientTest, BouncesWhomTheServerRefuses) {
  struct Case {
    const char* command;
    std::size_t failed;  // of three
  };
  for (const auto& kind : kKinds)
    for (const auto& [command, failed] :
         {Case{"MAIL", 3}, Case{"RCPT TO:<c", 1}, Case{"DATA", 3}, Case{".", 3}}) {
      auto server = MakeServer(kind);
      bool used = false;
      server.replace = [&](std::size_t, const std::string& said) {
        const bool here = said.starts_with(command);
        used = used || here;
        return here ? std::optional<std::string>("550 no\r\n") : std::nullopt;
      };
      const auto exchange = Run(server);
      ASSERT_TRUE(exchange.report) << kind.name;
      if (!used) continue;
      const auto count =
          std::ranges::count(exchange.report->results, Outcome::Failed, &mail::DeliveryResult::outcome);
      EXPECT_EQ(static_cast<std::size_t>(count), failed) << kind.name << ", " << command;
      EXPECT_TRUE(exchange.ready) << kind.name << ", " << command;
    }
}

}  // namespace
