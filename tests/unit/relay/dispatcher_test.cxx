// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/dispatcher.hxx"

#include "base/file.hxx"
#include "base/text.hxx"
#include "courier/credentials.hxx"
#include "unit/relay/loopback_server.hxx"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace {

using mail::Outcome;
using relay::Job;

class Listener : public relay::Requester {
 public:
  void OnResults(std::uint64_t, std::vector<mail::DeliveryResult> got, bool is_unreached) override {
    unreached = is_unreached;
    results.push_back(std::move(got));
  }
  void OnReports(std::uint64_t, std::vector<mail::RelayReport> got) override { reports = std::move(got); }
  bool IsListening() const noexcept override {
    ++asked;
    return listening;
  }

  std::vector<std::vector<mail::DeliveryResult>> results;
  bool unreached = false;  // the last of them
  std::vector<mail::RelayReport> reports;
  mutable unsigned asked = 0;
  bool listening = true;
};

class DispatcherTest : public testing::Test {
 protected:
  std::unique_ptr<Job> MakeJob(const std::string& url, const std::string& message) {
    auto job = std::make_unique<Job>();
    job->request.relays = SplitList(url, " ");
    job->request.helo = "client.example";
    job->request.envelope.sender = "a@example.org";
    job->request.envelope.recipients.emplace_back().address = "b@example.net";
    job->message = UniqueFd(::memfd_create("message", MFD_CLOEXEC));
    WriteAll(job->message, message);
    job->requester = listener_;
    return job;
  }
  void Add(const std::string& url, const std::string& helo = "client.example") {
    auto job = MakeJob(url, "Subject: test\n\nHello\n");
    job->request.helo = helo;
    dispatcher_.Add(std::move(job));
  }
  void AddMessage(const std::string& message, const std::string& head = {}) {
    auto job = MakeJob(server_.Url(), message);
    job->request.head = head;
    dispatcher_.Add(std::move(job));
  }

  /// Until @p condition holds; false if it does not in time.
  bool RunUntil(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition())
      if (context_.run_one_until(deadline) == 0) return false;
    return true;
  }
  bool RunUntilResults(std::size_t count) {
    return RunUntil([&] { return listener_->results.size() >= count; });
  }
  std::size_t Count(Outcome outcome) const {
    std::size_t count = 0;
    for (const auto& results : listener_->results)
      for (const auto& result : results) count += result.outcome == outcome ? 1 : 0;
    return count;
  }

  asio::io_context context_;
  std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
  bool idle_ = true;
  relay::Activity activity_{[this] { idle_ = true; }};
  LoopbackServer server_{context_};
  const std::filesystem::path config_ =
      std::filesystem::path(testing::TempDir()) / ("config-" + std::to_string(::getpid()));
  relay::Dispatcher dispatcher_{context_.get_executor(), activity_, config_};
};

TEST_F(DispatcherTest, DeliversAndNamesTheServer) {
  Add(server_.Url());
  ASSERT_TRUE(RunUntilResults(1));
  const auto& result = listener_->results[0].at(0);
  EXPECT_EQ(result.outcome, Outcome::Delivered);
  EXPECT_EQ(result.text, "250 2.0.0 taken");
  EXPECT_EQ("smtp://" + result.remote, server_.Url());
}

TEST_F(DispatcherTest, RefusesWhatCanNeitherBeSentNorEncoded) {
  AddMessage("Content-Type: multipart/mixed\n\na\rb\n");
  AddMessage("Subject: next\n\na\rb\n");
  ASSERT_TRUE(RunUntilResults(2));
  EXPECT_EQ(Count(Outcome::Failed), 1U);
  EXPECT_EQ(Count(Outcome::Delivered), 1U);
  EXPECT_EQ(server_.connections, 1U);
  for (const auto& results : listener_->results)
    if (results.at(0).outcome == Outcome::Failed) {
      EXPECT_EQ(results.at(0).status, "5.6.3");
    }
}

// So that mail to thousands of domains leaves descriptors for others.
TEST_F(DispatcherTest, KeepsNoIdleConnectionWhereThereAreMany) {
  LoopbackServer other(context_);
  other.answer = [](const std::string& line) { return std::string(line == "QUIT" ? "silence" : ""); };
  relay::Dispatcher dispatcher(context_.get_executor(), activity_, config_, 1);
  dispatcher.Add(MakeJob(server_.Url(), "Subject: first\n\n"));
  ASSERT_TRUE(RunUntilResults(1));
  dispatcher.Add(MakeJob(other.Url(), "Subject: second\n\n"));
  ASSERT_TRUE(RunUntilResults(2));
  EXPECT_EQ(Count(Outcome::Delivered), 2U);
  EXPECT_TRUE(RunUntil([&] { return other.open == 0; }));
  EXPECT_EQ(server_.open, 1U);
  dispatcher.Stop();
  EXPECT_TRUE(RunUntil([&] { return dispatcher.IsStopped() && server_.open == 0; }));
}

TEST_F(DispatcherTest, SpreadsABurstOverFewConnections) {
  for (int i = 0; i < 400; ++i) Add(server_.Url());
  ASSERT_TRUE(RunUntilResults(400));
  EXPECT_EQ(Count(Outcome::Delivered), 400U);
  EXPECT_EQ(server_.messages, 400U);
  EXPECT_GT(server_.most_open, 1U);
  EXPECT_LE(server_.most_open, relay::Parameters().connections);
}

TEST_F(DispatcherTest, UsesAConnectionForTheNextMessage) {
  for (std::size_t i = 1; i <= 5; ++i) {
    Add(server_.Url());
    ASSERT_TRUE(RunUntilResults(i));
  }
  EXPECT_EQ(server_.connections, 1U);
}

TEST_F(DispatcherTest, LeavesAConnectionThatHasServedEnough) {
  const std::size_t count = relay::Parameters().messages_per_connection + 1;
  for (std::size_t i = 1; i <= count; ++i) {
    Add(server_.Url());
    ASSERT_TRUE(RunUntilResults(i));
  }
  EXPECT_EQ(Count(Outcome::Delivered), count);
  EXPECT_EQ(server_.messages, count);
  EXPECT_EQ(server_.connections, 2U);
}

TEST_F(DispatcherTest, AsksAHostThatRefusesOnceForAll) {
  server_.greeting = "554 5.7.1 go away";
  for (int i = 0; i < 100; ++i) Add(server_.Url());
  ASSERT_TRUE(RunUntilResults(100));
  EXPECT_EQ(Count(Outcome::Deferred), 100U);
  EXPECT_EQ(server_.connections, 1U);
}

// Else a host that swallows packets would cost each message that comes later its own time-out.
TEST_F(DispatcherTest, AnswersForAWhileWhatASlowAttemptFoundOut) {
  server_.greeting = "554 5.7.1 go away";
  server_.delay = std::chrono::seconds(1);
  Add(server_.Url());
  ASSERT_TRUE(RunUntilResults(1));
  Add(server_.Url());
  ASSERT_EQ(listener_->results.size(), 2U);
  EXPECT_EQ(listener_->results[1].at(0).text, listener_->results[0].at(0).text);
  EXPECT_EQ(server_.connections, 1U);
}

TEST_F(DispatcherTest, DefersWhereNobodyListens) {
  const auto url = server_.Url();
  server_.Close();
  for (int i = 0; i < 10; ++i) Add(url);
  ASSERT_TRUE(RunUntilResults(10));
  EXPECT_EQ(Count(Outcome::Deferred), 10U);
  EXPECT_EQ(listener_->results[0].at(0).status, "4.4.1");
  EXPECT_EQ(listener_->results[0].at(0).remote, "");
}

TEST_F(DispatcherTest, TriesAgainAtOnceWhereTheServerHadLeft) {
  bool leave = false;
  server_.answer = [&](const std::string& line) {
    return leave && line.starts_with("MAIL") && server_.connections == 1 ? "drop" : "";
  };
  Add(server_.Url());
  ASSERT_TRUE(RunUntilResults(1));
  leave = true;
  Add(server_.Url());
  ASSERT_TRUE(RunUntilResults(2));
  EXPECT_EQ(Count(Outcome::Delivered), 2U);
  EXPECT_EQ(server_.connections, 2U);
}

TEST_F(DispatcherTest, GivesUpOnAServerThatAlwaysLeaves) {
  server_.answer = [](const std::string& line) { return line.starts_with("MAIL") ? "drop" : ""; };
  for (int i = 0; i < 3; ++i) Add(server_.Url());
  ASSERT_TRUE(RunUntilResults(3));
  EXPECT_EQ(Count(Outcome::Deferred), 3U);
  EXPECT_LE(server_.connections, 3U);
}

TEST_F(DispatcherTest, KeepsTheConnectionsItHasWhenMoreAreRefused) {
  for (int i = 0; i < 100; ++i) Add(server_.Url());
  ASSERT_TRUE(RunUntil([&] { return server_.connections == 1; }));
  ASSERT_TRUE(RunUntil([&] { return server_.messages > 0; }));
  server_.greeting = "421 4.3.2 too many connections";
  ASSERT_TRUE(RunUntilResults(100));
  EXPECT_EQ(Count(Outcome::Delivered), 100U);
}

TEST_F(DispatcherTest, DoesNotSendWhatNobodyWaitsFor) {
  Add(server_.Url());
  listener_->listening = false;
  ASSERT_TRUE(RunUntil([&] { return listener_->asked > 0; }));
  dispatcher_.Stop();
  ASSERT_TRUE(RunUntil([&] { return server_.connections == 1 && server_.open == 0; }));
  EXPECT_EQ(server_.messages, 0U);
}

TEST_F(DispatcherTest, DoesNotFinishWhatNobodyWaitsForAnyMore) {
  server_.answer = [&](const std::string& line) {
    if (line == "DATA") listener_->listening = false;
    return "";
  };
  Add(server_.Url());
  ASSERT_TRUE(RunUntil([&] { return server_.connections == 1 && server_.open == 0; }));
  EXPECT_EQ(server_.messages, 0U);
}

TEST_F(DispatcherTest, KeepsIdentitiesApart) {
  Add(server_.Url(), "one.example");
  ASSERT_TRUE(RunUntilResults(1));
  Add(server_.Url(), "two.example");
  ASSERT_TRUE(RunUntilResults(2));
  EXPECT_EQ(server_.connections, 2U);
}

TEST_F(DispatcherTest, AnswersAtOnceWhatItCanNotDoAtAll) {
  Add("nonsense://host");
  Add(server_.Url(), "client.example\r\nMAIL FROM:<a@b>");
  Add(server_.Url(), "");
  ASSERT_EQ(listener_->results.size(), 3U);
  EXPECT_EQ(Count(Outcome::Deferred), 3U);
  EXPECT_EQ(server_.connections, 0U);
}

TEST_F(DispatcherTest, LetsATransactionEndWhenItStops) {
  server_.answer = [&](const std::string& line) {
    if (line == "DATA") {
      dispatcher_.Stop();
      Add(server_.Url());  // comes too late
    }
    return "";
  };
  Add(server_.Url());
  ASSERT_TRUE(RunUntil([&] { return server_.connections > 0 && server_.open == 0; }));
  EXPECT_TRUE(dispatcher_.IsStopped());
  EXPECT_EQ(Count(Outcome::Delivered), 1U);
  EXPECT_EQ(server_.messages, 1U);
}

// A server that refuses BDAT may read what follows as commands, and the submitter has chosen that.
TEST_F(DispatcherTest, SendsNoTextBeforeItIsAskedFor) {
  server_.extensions = "PIPELINING CHUNKING SIZE";
  std::vector<std::string> lines;
  server_.answer = [&](const std::string& line) {
    if (!line.empty()) lines.push_back(line);
    return line.starts_with("RCPT") ? "550 no" : line == "DATA" ? "503 nobody" : "";
  };
  AddMessage("RSET\nMAIL FROM:<eve@example.org>\nRCPT TO:<victim@example.net>\nDATA\n");
  ASSERT_TRUE(RunUntilResults(1));
  EXPECT_EQ(Count(Outcome::Failed), 1U);
  EXPECT_EQ(lines, (std::vector<std::string>{"EHLO client.example", "MAIL FROM:<a@example.org> SIZE=67",
                                             "RCPT TO:<b@example.net>", "DATA", "RSET"}));
}

TEST_F(DispatcherTest, ConvertsWhatTheServerDoesNotTake) {
  struct Case {
    std::string extensions, body, sent;
  };
  const std::string plain = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=";
  const std::string encoding = "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
  const Case cases[] = {
      {"8BITMIME", "gr\xc3\xbc\xc3\x9f\n", "\r\ngr\xc3\xbc\xc3\x9f\r\n"},
      {"PIPELINING", "gr\xc3\xbc\xc3\x9f\n", plain + "utf-8" + encoding + "gr=C3=BC=C3=9F\r\n"},
      {"PIPELINING CHUNKING", "\xfc\n", plain + "unknown-8bit" + encoding + "=FC\r\n"},
      {"8BITMIME", "a\rb\n", plain + "us-ascii" + encoding + "a=0Db\r\n"},
      {"8BITMIME", std::string(999, 'x'),
       plain + "us-ascii" + encoding +
           [] {
             std::string lines;
             for (int i = 0; i < 13; ++i) lines += std::string(75, 'x') + "=\r\n";
             return lines + std::string(24, 'x') + "\r\n";
           }()},
      {"8BITMIME", std::string(998, 'x') + "\n", "\r\n" + std::string(998, 'x') + "\r\n"},
  };
  std::size_t count = 0;
  for (const auto& test : cases) {
    server_.extensions = test.extensions;
    auto job = MakeJob(server_.Url(), "Subject: x\n\n" + test.body);
    job->request.helo = "client" + std::to_string(++count);  // a connection of its own
    dispatcher_.Add(std::move(job));
    ASSERT_TRUE(RunUntilResults(count));
    EXPECT_EQ(server_.text, "Subject: x\r\n" + test.sent) << test.extensions << ", " << test.body;
  }
  EXPECT_EQ(Count(Outcome::Delivered), count);
}

TEST_F(DispatcherTest, GoesOnOverOtherConnectionsWhereAServerTakesFewTransactions) {
  server_.extensions = "PIPELINING LIMITS_MAILMAX=2_RCPTMAX=3";
  auto job = MakeJob(server_.Url(), "Subject: x\n\n");
  auto& recipients = job->request.envelope.recipients;
  recipients.clear();
  for (int i = 0; i < 20; ++i) recipients.emplace_back().address = std::to_string(i) + "@example.net";
  dispatcher_.Add(std::move(job));
  ASSERT_TRUE(RunUntilResults(1));
  EXPECT_EQ(Count(Outcome::Delivered), 20U);
  EXPECT_EQ(server_.recipients.size(), 20U);
  EXPECT_EQ(server_.messages, 7U);
  EXPECT_EQ(server_.connections, 4U);
}

TEST_F(DispatcherTest, GivesUpOnAMessageThatTakesTooManyConnections) {
  server_.extensions = "PIPELINING LIMITS_MAILMAX=1_RCPTMAX=1";
  auto job = MakeJob(server_.Url(), "Subject: x\n\n");
  auto& recipients = job->request.envelope.recipients;
  recipients.resize(relay::Pool::kMaxConnectionsOfJob + 5, recipients[0]);
  dispatcher_.Add(std::move(job));
  ASSERT_TRUE(RunUntilResults(1));
  EXPECT_EQ(Count(Outcome::Delivered), relay::Pool::kMaxConnectionsOfJob);
  EXPECT_EQ(Count(Outcome::Deferred), 5U);
}

TEST_F(DispatcherTest, GoesToTheNextRelay) {
  LoopbackServer next{context_};
  LoopbackServer closed{context_};
  const auto nowhere = closed.Url();
  closed.Close();
  for (const char* refusal : {"554 5.7.1 not you", "421 4.3.2 full"}) {
    server_.greeting = refusal;
    listener_->results.clear();
    for (int i = 0; i < 50; ++i) Add(nowhere + " " + server_.Url() + " " + next.Url());
    ASSERT_TRUE(RunUntilResults(50));
    EXPECT_EQ(Count(Outcome::Delivered), 50U) << refusal;
    EXPECT_FALSE(listener_->unreached);
  }
  EXPECT_EQ(next.messages, 100U);
}

TEST_F(DispatcherTest, SaysWhatAllRelaysSaid) {
  LoopbackServer other{context_};
  server_.greeting = "554 5.7.1 not you";
  other.greeting = "421 4.3.2 not now";
  Add("nonsense://host " + server_.Url() + " " + other.Url());
  ASSERT_TRUE(RunUntilResults(1));
  const auto& result = listener_->results[0].at(0);
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  for (const char* part : {"nonsense://host: Not a relay", "not you", "; smtp://127.0.0.1:", "not now"})
    EXPECT_NE(result.text.find(part), std::string::npos) << part << ": " << result.text;
  EXPECT_TRUE(listener_->unreached);
}

TEST_F(DispatcherTest, IsSureOnlyIfAllRelaysAre) {
  for (const bool sure : {false, true}) {
    auto job = MakeJob("mx://one.example mx://two.example", "");
    job->Open();
    job->refusals = {mail::Failed("5.1.10", "no mail here"), mail::Deferred("4.4.1", "no answer")};
    if (sure) job->refusals[1] = mail::Failed("5.1.2", "no such domain");
    job->AnswerRefused();
    EXPECT_EQ(listener_->results.back().at(0).outcome, sure ? Outcome::Failed : Outcome::Deferred);
    EXPECT_EQ(listener_->results.back().at(0).status, sure ? "5.1.2" : "4.4.1");
    EXPECT_EQ(listener_->unreached, !sure) << "an answer about the recipients is none about the relays";
  }
}

// A relay that takes half a minute to fail must not cost that for every message that has somewhere else to
// go.
TEST_F(DispatcherTest, PassesBySlowFailuresForLonger) {
  LoopbackServer next{context_};
  server_.greeting = "554 5.7.1 not you";
  server_.delay = std::chrono::milliseconds(200);
  const auto both = server_.Url() + " " + next.Url();
  Add(both);
  ASSERT_TRUE(RunUntilResults(1));
  asio::steady_timer timer(context_, std::chrono::milliseconds(500));  // longer than it took
  bool waited = false;
  timer.async_wait([&](const std::error_code&) { waited = true; });
  ASSERT_TRUE(RunUntil([&] { return waited; }));
  Add(both);
  ASSERT_TRUE(RunUntilResults(2));
  EXPECT_EQ(Count(Outcome::Delivered), 2U);
  EXPECT_EQ(server_.connections, 1U);
  Add(server_.Url());  // that has nowhere else to go
  ASSERT_TRUE(RunUntilResults(3));
  EXPECT_EQ(server_.connections, 2U);
}

TEST_F(DispatcherTest, OptionsMakeIdentitiesAndPools) {
  const auto add = [this](const std::string& options) {
    auto job = MakeJob(server_.Url(), "Subject: x\n\n");
    job->request.options = options;
    dispatcher_.Add(std::move(job));
  };
  std::vector<std::string> hellos;
  server_.answer = [&](const std::string& line) {
    if (line.starts_with("EHLO")) hellos.push_back(line);
    return "";
  };
  std::size_t count = 0;
  for (const char* options : {"Helo=a.example\n", "SourceAddress=127.0.0.1\n", "", "IdleTimeout=1min\n"}) {
    add(options);
    ASSERT_TRUE(RunUntilResults(++count));
  }
  EXPECT_EQ(hellos,
            (std::vector<std::string>{"EHLO a.example", "EHLO client.example", "EHLO client.example"}));
  EXPECT_EQ(server_.connections, 3U) << "a time limit makes no other identity";
  for (int i = 0; i < 100; ++i) add("Connections=1\n");
  ASSERT_TRUE(RunUntilResults(count += 100));
  // Two idle ones, the one that works, and perhaps one that is full and on its way out.
  EXPECT_LE(server_.most_open, 4U);
  add("Connections=none\n");
  ASSERT_EQ(listener_->results.size(), ++count);
  EXPECT_EQ(listener_->results.back().at(0).status, "4.3.5");
}

TEST_F(DispatcherTest, ProbesEachRelay) {
  server_.extensions = "PIPELINING AUTH_PLAIN";
  LoopbackServer other{context_};
  other.greeting = "554 5.7.1 not you";
  auto job = MakeJob(server_.Url() + " " + other.Url(), "");
  job->request.probe = true;
  job->message = UniqueFd();
  dispatcher_.Add(std::move(job));
  ASSERT_TRUE(RunUntil([&] { return !listener_->reports.empty(); }));
  ASSERT_EQ(listener_->reports.size(), 2U);
  const auto& [relay, status, lines] = listener_->reports[0];
  EXPECT_EQ(relay, server_.Url());
  EXPECT_EQ(status, "2.0.0");
  EXPECT_EQ(lines, (std::vector<std::string>{"connected to " + relay.substr(7), "no TLS",
                                             "offers: PIPELINING AUTH PLAIN"}));
  EXPECT_EQ(listener_->reports[1].status.front(), '4');
  EXPECT_NE(listener_->reports[1].lines.back().find("not you"), std::string::npos);
  EXPECT_EQ(server_.messages, 0U);
}

class LoginTest : public DispatcherTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ / "relay_isp") << "user:secret\n";
    std::filesystem::create_directories(config_);
    std::ofstream(config_ / "mailqueue.conf") << "[Relay]\nUserRelays=yes\nHost=" << Url()
                                              << " smtp+notls://other@" << server_.Url().substr(7) << "\n";
    ::setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
    server_.extensions = "PIPELINING AUTH_PLAIN_LOGIN";
    server_.answer = [this](const std::string& line) {
      if (line.starts_with("AUTH")) ++logins_;
      return line.starts_with("AUTH") ? answer_ : "";
    };
  }
  void TearDown() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    std::filesystem::remove_all(directory_);
    std::filesystem::remove_all(config_);
  }
  std::string Url() const { return "smtp+notls://isp@" + server_.Url().substr(7); }

  /// @param secret for Url(); empty: none
  /// @param url of the request; empty: Url()
  void AddOf(const std::string& owner, const std::string& secret, const std::string& url = {}) {
    auto job = MakeJob(url.empty() ? Url() : url, "Subject: test\n\nHello\n");
    job->request.owner = owner;
    courier::ChoiceWriter writer(
        {owner, courier::SecondsSinceBoot(), Url() + " " + server_.Url(), "InsecureAuth=yes\n"});
    EXPECT_TRUE(secret.empty() || writer.Add("isp", secret));
    job->sealed = courier::MakeSealedFile(seal::Seal(writer.Text(), dispatcher_.Key()));
    dispatcher_.Add(std::move(job));
  }

  std::string answer_ = "235 2.7.0 welcome";
  std::size_t logins_ = 0;
  const std::filesystem::path directory_ =
      std::filesystem::path(testing::TempDir()) / ("login-" + std::to_string(::getpid()));
};

TEST_F(LoginTest, LogsIn) {
  Add(Url());
  ASSERT_TRUE(RunUntilResults(1));
  EXPECT_EQ(Count(Outcome::Delivered), 1U);
  EXPECT_EQ(logins_, 1U);
  EXPECT_TRUE(activity_.IsIdle());
}

// Or the account would be locked, and an expired password would be tried for each message.
TEST_F(LoginTest, TriesARefusedLoginOnceForAllMail) {
  answer_ = "535 5.7.8 wrong password";
  for (int i = 0; i < 50; ++i) Add(Url());
  ASSERT_TRUE(RunUntilResults(50));
  for (int i = 0; i < 50; ++i) Add(Url());
  ASSERT_EQ(listener_->results.size(), 100U);
  EXPECT_EQ(Count(Outcome::Deferred), 100U);
  const auto& result = listener_->results[99].at(0);
  EXPECT_EQ(result.status, "4.7.8");
  EXPECT_NE(result.text.find("wrong password"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("waits"), std::string::npos) << result.text;
  EXPECT_EQ(logins_, 1U);
  EXPECT_EQ(server_.connections, 1U);
  EXPECT_FALSE(activity_.IsIdle()) << "whoever remembers it must stay";
  Add(server_.Url());  // nobody else is held
  ASSERT_TRUE(RunUntilResults(101));
  EXPECT_EQ(Count(Outcome::Delivered), 1U);
}

TEST_F(LoginTest, HoldsTheRelayThatRefusesAndGoesToTheNext) {
  LoopbackServer next{context_};
  answer_ = "535 5.7.8 wrong password";
  for (int i = 0; i < 50; ++i) Add(Url() + " " + next.Url());
  ASSERT_TRUE(RunUntilResults(50));
  EXPECT_EQ(Count(Outcome::Delivered), 50U);
  EXPECT_EQ(logins_, 1U);
  Add(Url() + " nonsense://host");
  ASSERT_TRUE(RunUntilResults(51));
  EXPECT_EQ(listener_->results[50].at(0).status, "4.7.8") << "whatever the other one said";
  EXPECT_EQ(logins_, 1U);
}

// As a runner would that was broken into.
TEST_F(LoginTest, ShowsNoPasswordToAServerThatTheConfigurationDoesNotName) {
  LoopbackServer other{context_};
  other.extensions = server_.extensions;
  Add("smtp+notls://isp@" + other.Url().substr(7));
  auto job = MakeJob(Url(), "Subject: test\n\nHello\n");
  job->request.options = "InsecureAuth=yes\n";
  dispatcher_.Add(std::move(job));
  ASSERT_TRUE(RunUntilResults(2));
  for (const auto& results : listener_->results) {
    EXPECT_EQ(results.at(0).status, "4.3.5") << results.at(0).text;
    EXPECT_EQ(results.at(0).outcome, Outcome::Deferred);
  }
  auto probe = MakeJob("smtp+notls://isp@" + other.Url().substr(7), "");
  probe->request.probe = true;
  dispatcher_.Add(std::move(probe));
  ASSERT_TRUE(RunUntil([&] { return !listener_->reports.empty(); }));
  EXPECT_EQ(listener_->reports[0].status, "4.3.5");
  EXPECT_EQ(other.connections + server_.connections, 0U);
}

TEST_F(LoginTest, CredentialsNeverShareAConnection) {
  std::ofstream(directory_ / "relay_other") << "other:secret\n";
  Add(Url());
  ASSERT_TRUE(RunUntilResults(1));
  Add("smtp+notls://other@" + server_.Url().substr(7));
  ASSERT_TRUE(RunUntilResults(2));
  Add(server_.Url());
  ASSERT_TRUE(RunUntilResults(3));
  EXPECT_EQ(server_.connections, 3U);
  EXPECT_EQ(logins_, 2U);
}

TEST_F(LoginTest, UsesTheSecretOfTheUserWhoHasChosenTheRelay) {
  server_.answer = [this](const std::string& line) {
    if (!line.starts_with("AUTH")) return std::string();
    ++logins_;
    return std::string(line == "AUTH PLAIN AGFsaWNlAHNlc2FtZQ==" ? "235 welcome"
                                                                 : "535 5.7.8 wrong password");
  };
  AddOf("alice", "alice:sesame");
  ASSERT_TRUE(RunUntilResults(1));
  EXPECT_EQ(Count(Outcome::Delivered), 1U) << listener_->results[0].at(0).text;
  AddOf("bob", "bob:sesame");
  ASSERT_TRUE(RunUntilResults(2));
  EXPECT_EQ(Count(Outcome::Delivered), 1U) << "over her connection";
  const auto& result = listener_->results[1].at(0);
  EXPECT_NE(result.text.find("~bob/.config/mailqueue/credentials/isp"), std::string::npos) << result.text;
  AddOf("alice", "alice:sesame");
  ASSERT_TRUE(RunUntilResults(3));
  EXPECT_EQ(Count(Outcome::Delivered), 2U) << "nobody else is held";
  EXPECT_EQ(logins_, 2U);
}

// Whoever carries the user's choice may put another relay beside it.
TEST_F(LoginTest, TakesARelayThatTheUserHasNotChosenForNone) {
  LoopbackServer other{context_};
  other.extensions = server_.extensions;
  AddOf("alice", "alice:sesame", "smtp+notls://isp@" + other.Url().substr(7));
  AddOf("alice", "alice:sesame", "lmtp:/run/dbus/system_bus_socket");
  AddOf("alice", "alice:sesame", "smtp+notls://other@" + server_.Url().substr(7));
  ASSERT_TRUE(RunUntilResults(3));
  for (const auto& results : listener_->results)
    EXPECT_EQ(results.at(0).status, "4.3.5") << results.at(0).text;
  EXPECT_EQ(other.connections + server_.connections, 0U);
}

TEST_F(LoginTest, TriesAnotherSecretOfAUserAtOnce) {
  answer_ = "535 5.7.8 wrong password";
  for (const std::size_t i : {1, 2}) {
    AddOf("alice", "alice:wrong");
    ASSERT_TRUE(RunUntilResults(i));
  }
  EXPECT_EQ(logins_, 1U);
  answer_ = "235 2.7.0 welcome";
  AddOf("alice", "alice:right");
  ASSERT_TRUE(RunUntilResults(3));
  EXPECT_EQ(Count(Outcome::Delivered), 1U);
  EXPECT_TRUE(activity_.IsIdle()) << "the other one is forgotten";
}

TEST_F(LoginTest, UsesNoSecretOfTheMachineForAUser) {
  AddOf("alice", "");
  ASSERT_TRUE(RunUntilResults(1));
  EXPECT_EQ(listener_->results[0].at(0).status, "4.7.8");
  EXPECT_EQ(server_.connections, 0U);
}

TEST_F(LoginTest, DoesNotHoldALoginThatTheServerCanNotJudge) {
  answer_ = "454 4.7.0 no directory";
  Add(Url());
  ASSERT_TRUE(RunUntilResults(1));
  EXPECT_TRUE(activity_.IsIdle());
  answer_ = "235 2.7.0 welcome";
  asio::steady_timer tick(context_);
  ASSERT_TRUE(RunUntil([&] {  // the next attempt may follow as soon as the first one took
    Add(Url());
    tick.expires_after(std::chrono::milliseconds(10));
    tick.async_wait([](const std::error_code&) {});
    return Count(Outcome::Delivered) > 0;
  }));
}

}  // namespace
