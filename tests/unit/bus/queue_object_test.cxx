// SPDX-License-Identifier: BSD-2-Clause
#include "bus/queue_object.hxx"

#include "bus/queue_client.hxx"
#include "private_bus.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <stdexcept>

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

constexpr auto kDeadline = 20s;
constexpr mail::Duration kRound = 5ms;  // between two looks whether the client is done

constexpr char kKnownId[] = "0123456789ABCDEF";

bus::MessageStatus MakeMessage(std::string id) {
  return {.id = std::move(id),
          .created = mail::FromMicroseconds(1'700'000'000'000'001),
          .size = 12345,
          .sender = "alice@example.org",
          .submitter = ::getuid(),
          .attempts = 3,
          .next_attempt = mail::FromMicroseconds(1'700'000'100'000'000),
          .state = "deferred",
          .reason = "why",
          .open_recipients = 1,
          .recipients = {{"bob@example.org", "deferred", "4.4.1", "connection refused"}}};
}

class FakeQueue final : public bus::QueueControl {
 public:
  void List(std::optional<uid_t> only, std::string_view after,
            const std::function<bool(const bus::MessageStatus&)>& take) override {
    if (fails) throw std::runtime_error("no list\xff today");
    flushed_only = only;
    std::ranges::sort(messages, {}, &bus::MessageStatus::id);
    for (const auto& message : messages)
      if (message.id > after && (!only || message.submitter == *only) && !take(message)) return;
  }
  unsigned Flush(std::optional<uid_t> only) override {
    flushed_only = only;
    return 7;
  }
  unsigned TryWaiting() override { return 3; }
  bool FlushMessage(mail::QueueId id, std::optional<uid_t> only) override {
    flushed_only = only;
    return id.View() == kKnownId;
  }
  void Route(std::string sender, std::vector<std::string> addresses, std::optional<uid_t> caller, uid_t user,
             std::stop_token gone, RouteDone done) override {
    flushed_only = caller;
    EXPECT_EQ(user, ::getuid());
    if (keeps_answers) {
      kept = std::move(done);
      kept_gone = std::move(gone);
      return;
    }
    if (!lines.empty()) return done(lines);
    if (addresses.empty()) throw std::runtime_error("no addresses");
    done({{0, addresses.front(), "/etc/aliases:1", {}, {}}, {1, sender + "caf\xe9", {}, "there", "mailbox"}});
  }
  void TestRelay(const std::string& name, TestDone done) override {
    if (name == "none") throw std::invalid_argument("no such section");
    if (name == "gone") return done({});
    done({{"smtp://" + name, "4.4.1", {"line", "caf\xe9"}}, {"caf\xe9", "4.\xe9", {}}});
  }
  unsigned Length() override { return static_cast<unsigned>(messages.size()); }
  std::vector<std::string> Warnings(const Reader& reader) override {
    EXPECT_FALSE(reader.is_everybody);
    EXPECT_FALSE(reader.uid) << "the queue's own user sees all";
    return warnings;
  }

  bool keeps_answers = false;  // of Route
  RouteDone kept;
  std::stop_token kept_gone;
  std::vector<bus::RouteLine> lines;  // of Route
  std::vector<std::string> warnings = {"file:1: caf\xe9"};
  std::vector<bus::MessageStatus> messages;
  std::optional<uid_t> flushed_only = 12345;
  bool fails = false;
};

class QueueObject : public testing::Test {
 protected:
  // One round of the event loop that the runner has.
  void ServeOnce() {
    const auto timeout = object->Timeout().value_or(kRound);
    pollfd poll = {object->GetFd().Get(), object->Events(), 0};
    const auto wait = std::min<mail::Duration>(timeout, kRound);
    ::poll(&poll, 1, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()));
    while (object->Process()) continue;
  }

  // What @p call, run by a client in another thread, returns or throws.
  template <typename Call>
  auto Ask(Call call) {
    auto answer = std::async(std::launch::async, [&] {
      bus::QueueClient client;
      return call(client);
    });
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (answer.wait_for(0s) != std::future_status::ready && std::chrono::steady_clock::now() < deadline)
      ServeOnce();
    return answer.get();
  }

  PrivateBus private_bus;
  FakeQueue queue;
  std::optional<bus::QueueObject> object{std::in_place, queue};
};

std::vector<std::string> IdsOf(const std::vector<bus::MessageStatus>& messages) {
  std::vector<std::string> ids;
  for (const auto& message : messages) ids.push_back(message.id);
  return ids;
}

}  // namespace

TEST_F(QueueObject, EmptyQueueIsAnEmptyList) {
  EXPECT_TRUE(Ask([](auto& client) { return client.List(); }).empty());
}

TEST_F(QueueObject, ListedMessageArrivesWhole) {
  queue.messages = {MakeMessage("A")};
  const auto list = Ask([](auto& client) { return client.List(); });
  ASSERT_EQ(list.size(), 1U);
  const auto& sent = queue.messages[0];
  EXPECT_EQ(list[0].id, sent.id);
  EXPECT_EQ(list[0].created, sent.created);
  EXPECT_EQ(list[0].size, sent.size);
  EXPECT_EQ(list[0].sender, sent.sender);
  EXPECT_EQ(list[0].submitter, sent.submitter);
  EXPECT_EQ(list[0].attempts, sent.attempts);
  EXPECT_EQ(list[0].next_attempt, sent.next_attempt);
  EXPECT_EQ(list[0].state, sent.state);
  EXPECT_EQ(list[0].reason, sent.reason);
  EXPECT_EQ(list[0].open_recipients, 1U);
  ASSERT_EQ(list[0].recipients.size(), 1U);
  EXPECT_EQ(list[0].recipients[0].address, "bob@example.org");
  EXPECT_EQ(list[0].recipients[0].state, "deferred");
  EXPECT_EQ(list[0].recipients[0].status, "4.4.1");
  EXPECT_EQ(list[0].recipients[0].text, "connection refused");
}

TEST_F(QueueObject, TextThatIsNotUtf8IsReplaced) {
  queue.messages = {MakeMessage("A")};
  queue.messages[0].sender = "caf\xe9@example.org";
  queue.messages[0].recipients[0].text = std::string("\0x", 2);
  const auto list = Ask([](auto& client) { return client.List(); });
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].sender, "caf\xef\xbf\xbd@example.org");
  EXPECT_EQ(list[0].recipients[0].text, "\xef\xbf\xbdx");
}

TEST_F(QueueObject, LongListArrivesInParts) {
  for (int i = 0; i < 12; ++i) {
    auto message = MakeMessage("ID" + std::to_string(100 + i));
    message.recipients.resize(40, {std::string(900, 'r'), "deferred", "4.0.0", std::string(100, 't')});
    queue.messages.insert(queue.messages.begin(), message);
  }
  const auto calls = object->Calls();
  const auto ids = IdsOf(Ask([](auto& client) { return client.List(); }));
  ASSERT_EQ(ids.size(), 12U);
  EXPECT_TRUE(std::ranges::is_sorted(ids));
  EXPECT_GE(object->Calls() - calls, 3U) << "two by size, or more where they take long, and an empty one";
}

TEST_F(QueueObject, FlushTellsTheNumber) {
  EXPECT_EQ(Ask([](auto& client) { return client.Flush(); }), 7U);
  EXPECT_EQ(queue.flushed_only, std::nullopt) << "the queue's own user flushes all";
}

TEST_F(QueueObject, TellsRoutes) {
  const auto lines = Ask([](bus::QueueClient& client) { return client.Route("me@", {"team"}); });
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], (bus::RouteLine{0, "team", "/etc/aliases:1", {}, {}}));
  EXPECT_EQ(lines[1].depth, 1U);
  EXPECT_EQ(lines[1].what, "me@caf\xef\xbf\xbd");
  EXPECT_THROW(Ask([](bus::QueueClient& client) { return client.Route({}, {}); }), bus::Error);
}

TEST_F(QueueObject, TestsRelays) {
  const auto reports = Ask([](bus::QueueClient& client) { return client.TestRelay("work"); });
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0], (mail::RelayReport{"smtp://work", "4.4.1", {"line", "caf\xef\xbf\xbd"}}));
  EXPECT_EQ(reports[1], (mail::RelayReport{"caf\xef\xbf\xbd", "4.\xef\xbf\xbd", {}}));
  for (const char* name : {"none", "gone"})
    EXPECT_THROW(Ask([name](bus::QueueClient& client) { return client.TestRelay(name); }), bus::Error);
}

TEST_F(QueueObject, FlushesAMessageThatIsThere) {
  Ask([](auto& client) { return client.FlushMessage(kKnownId); });
  EXPECT_EQ(queue.flushed_only, std::nullopt);
  for (const char* id : {"", "no ID", "0123456789ABCDEG"}) {
    try {
      Ask([id](auto& client) { return client.FlushMessage(id); });
      FAIL() << id;
    } catch (const bus::Error& error) {
      EXPECT_EQ(error.Name(), bus::kNoSuchMessage) << error.what();
    }
  }
}

// The system call, unlike the function of the C library, changes one thread alone: the client's.
TEST_F(QueueObject, OthersSeeAndFlushTheirOwn) {
  constexpr uid_t kNobody = 65534;
  if (::getuid() != 0) GTEST_SKIP() << "needs root to be somebody else";
  queue.messages = {MakeMessage("A"), MakeMessage("B"), MakeMessage("C")};
  queue.messages[1].submitter = kNobody;
  const auto as_nobody = [](auto call) {
    return [call](auto&) {
      if (::syscall(SYS_setresuid, kNobody, kNobody, kNobody) != 0) throw std::runtime_error("setresuid");
      bus::QueueClient client;
      return call(client);
    };
  };
  EXPECT_THAT(IdsOf(Ask(as_nobody([](auto& client) { return client.List(); }))), ElementsAre("B"));
  Ask(as_nobody([](auto& client) { return client.Flush(); }));
  EXPECT_EQ(queue.flushed_only, kNobody);
  queue.flushed_only.reset();
  Ask(as_nobody([](auto& client) { return client.FlushMessage(kKnownId); }));
  EXPECT_EQ(queue.flushed_only, kNobody);
}

TEST_F(QueueObject, PropertiesAreRead) {
  queue.messages = {MakeMessage("A"), MakeMessage("B")};
  EXPECT_EQ(Ask([](auto& client) { return client.Length(); }), 2U);
  EXPECT_THAT(Ask([](auto& client) { return client.Warnings(); }), ElementsAre("file:1: caf\xef\xbf\xbd"));
}

TEST_F(QueueObject, WhatTheQueueThrowsReachesTheCaller) {
  queue.fails = true;
  try {
    Ask([](auto& client) { return client.List(); });
    FAIL() << "no error";
  } catch (const bus::Error& error) {
    EXPECT_EQ(error.Name(), "org.mailqueue.Error.Failed");
    EXPECT_STREQ(error.what(), "no list\xef\xbf\xbd today");
  }
  queue.fails = false;
  EXPECT_TRUE(Ask([](auto& client) { return client.List(); }).empty());
}

TEST_F(QueueObject, CallsAreCounted) {
  const auto before = object->Calls();
  Ask([](auto& client) { return client.Flush(); });
  EXPECT_EQ(object->Calls(), before + 1);
}

TEST_F(QueueObject, NameIsTakenOnce) {
  EXPECT_THROW(bus::QueueObject{queue}, bus::Error);
}

// A call that is on its way when the name goes must be answered.
TEST_F(QueueObject, CallsBeforeTheNameGoesAreServed) {
  for (int round = 0; round < 20; ++round) {
    while (object->Process()) continue;
    auto answer = std::async(std::launch::async, [] { return bus::QueueClient().Flush(); });
    pollfd poll = {object->GetFd().Get(), POLLIN, 0};
    ASSERT_EQ(::poll(&poll, 1, 20'000), 1) << "the call did not arrive";
    object->ReleaseName();
    while (object->Process()) continue;
    EXPECT_EQ(object->Calls(), 1U);
    object.reset();
    EXPECT_EQ(answer.get(), 7U);
    object.emplace(queue);
  }
}

TEST(QueueObjectWithoutBus, Throws) {
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/socket", 1);
  FakeQueue queue;
  EXPECT_THROW(bus::QueueObject{queue}, bus::Error);
  EXPECT_THROW(bus::QueueClient{}, bus::Error);
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}

TEST_F(QueueObject, LostBusThrows) {
  object.reset();
  auto second = std::make_optional<PrivateBus>();
  object.emplace(queue);
  second.reset();
  EXPECT_THROW(for (const auto deadline = std::chrono::steady_clock::now() + kDeadline;
                    std::chrono::steady_clock::now() < deadline;) ServeOnce(),
               bus::Error);
  object.reset();
}

TEST_F(QueueObject, AnswerOutlivesTheConnection) {
  queue.keeps_answers = true;
  auto call = std::async(std::launch::async, [] { return bus::QueueClient().Route({}, {"a"}); });
  while (!queue.kept) ServeOnce();
  object.reset();
  queue.kept({{0, "a", {}, {}, {}}});
  queue.kept = nullptr;
  EXPECT_THROW(call.get(), bus::Error);
}

TEST_F(QueueObject, CallWhoseAnswerIsDroppedIsForgotten) {
  queue.keeps_answers = true;
  auto call = std::async(std::launch::async, [] { return bus::QueueClient().Route({}, {"a"}); });
  while (!queue.kept) ServeOnce();
  queue.kept = nullptr;
  queue.keeps_answers = false;
  EXPECT_EQ(Ask([](bus::QueueClient& client) { return client.Route({}, {"b"}); }).size(), 2U);
  object.reset();
  EXPECT_THROW(call.get(), bus::Error);
}

// The bus hangs up on who sends it 32 MiB.
TEST_F(QueueObject, RepliesAreCutBeforeTheBusRefusesThem) {
  const std::string mebi(1024 * 1024, 'x');
  queue.lines.assign(40, {0, mebi, mebi, mebi, "mailbox"});
  EXPECT_EQ(Ask([](auto& client) { return client.Route({}, {"a"}); }).size(), 40U);
  queue.lines.assign(10000, {0, mebi.substr(0, 1000), {}, {}, "mailbox"});
  EXPECT_LT(Ask([](auto& client) { return client.Route({}, {"a"}); }).size(), 4000U);
  queue.warnings.assign(10000, mebi.substr(0, 1000));
  EXPECT_LT(Ask([](auto& client) { return client.Warnings(); }).size(), 4000U);
  queue.messages = {MakeMessage("A")};
  queue.messages[0].recipients.assign(1000,
                                      {mebi.substr(0, 100000), "deferred", "4.0.0", mebi.substr(0, 100000)});
  EXPECT_EQ(Ask([](auto& client) { return client.List(); }).size(), 1U);
  EXPECT_THROW(Ask([&](auto& client) { return client.Route(mebi, {"a"}); }), bus::Error);
  EXPECT_EQ(Ask([](auto& client) { return client.Length(); }), 1U) << "the connection has been lost";
}

TEST_F(QueueObject, CallerWhoLeavesIsNotWaitedFor) {
  queue.keeps_answers = true;
  const pid_t caller = ::fork();
  if (caller == 0) {
    bus::QueueClient client;
    ::alarm(60);
    static_cast<void>(client.Route({}, {"a"}));
    ::_exit(0);
  }
  while (!queue.kept) ServeOnce();
  EXPECT_FALSE(queue.kept_gone.stop_requested());
  ::kill(caller, SIGKILL);
  ::waitpid(caller, nullptr, 0);
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!queue.kept_gone.stop_requested() && std::chrono::steady_clock::now() < deadline) ServeOnce();
  EXPECT_TRUE(queue.kept_gone.stop_requested());
  queue.kept({{0, "a", {}, {}, {}}});
  EXPECT_EQ(Ask([](auto& client) { return client.Length(); }), 0U);
}
