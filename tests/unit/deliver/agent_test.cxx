// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/agent.hxx"

#include "../courier/no_descriptors.hxx"
#include "courier/credentials.hxx"
#include "crypto/x25519.hxx"
#include "mailbox_fixture.hxx"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>

namespace {

using courier::Answer;
using courier::Packet;
using courier::ReceiveStatus;
using courier::SendStatus;
using mail::Outcome;

constexpr int kDeadline = 10'000;  // milliseconds

struct AgentTest : MailboxTest {
  static constexpr const char* kMailbox = "~/mbox";

  std::pair<UniqueFd, UniqueFd> pair = courier::MakePair();
  local::Permissions permissions{user, directory / "configuration"};

  AgentTest() {
    std::filesystem::create_directory(directory / "configuration");
    SetMailbox(kMailbox);
  }
  void SetMailbox(const std::string& destination) const {
    Write("[Local]\nMailbox=" + destination + "\n", "configuration/mailqueue.conf");
  }
  [[nodiscard]] Answer Handle(const courier::Request& request, FdRef fd) {
    return deliver::Handle(request, fd, user, permissions);
  }
  [[nodiscard]] courier::Request MakeRequest(std::uint64_t serial, std::string destination = "~/mbox") const {
    courier::Request request;
    request.serial = serial;
    request.destination = std::move(destination);
    request.helo = "here.example";
    request.envelope = envelope;
    return request;
  }
  void Send(const courier::Request& request) {
    EXPECT_EQ(courier::Send(pair.first, request.ToText(), message), SendStatus::Sent);
  }
  std::optional<Answer> TakeAnswer() {
    pollfd fd{pair.first.Get(), POLLIN, 0};
    Packet packet;
    if (::poll(&fd, 1, kDeadline) <= 0) return std::nullopt;
    if (courier::Receive(pair.first, packet) != ReceiveStatus::Received) return std::nullopt;
    return Answer::Parse(packet.text);
  }
  void Serve() {
    deliver::Serve(pair.second, user, permissions, deliver::ChoiceSealer(directory / "key", &seal::Seal));
  }
  void LetUsersChoose(const std::string& value) const {
    Write("[Relay]\nUserRelays=" + value + "\n", "configuration/mailqueue.conf");
    std::ofstream(directory / "key", std::ios::binary) << std::string(keys.open.begin(), keys.open.end());
  }

  /// The agent's answer, with what comes with it, to whoever asks for the relays of its user.
  Packet AskForRelays(std::uint64_t serial) {
    auto request = MakeRequest(serial, "");
    request.own_relays = true;
    Send(request);
    EXPECT_EQ(::shutdown(pair.first.Get(), SHUT_WR), 0);
    Serve();
    Packet packet;
    EXPECT_EQ(courier::Receive(pair.first, packet), ReceiveStatus::Received);
    return packet;
  }

  const crypto::KeyPair keys = crypto::MakeKeys();
};

TEST_F(AgentTest, AnswersUntilTheRunnerGoes) {
  std::thread agent([this] { Serve(); });
  for (const std::uint64_t serial : {7, 9}) {
    Send(MakeRequest(serial));
    const auto answer = TakeAnswer();
    ASSERT_TRUE(answer && answer->results.size() == 1);
    EXPECT_EQ(answer->serial, serial);
    EXPECT_EQ(answer->results[0].second.outcome, Outcome::Delivered) << answer->results[0].second.text;
  }
  pair.first.Close();
  agent.join();
  EXPECT_EQ(Read(), EntryText() + EntryText());
}

TEST_F(AgentTest, WaitsForDescriptors) {
  Send(MakeRequest(1));
  ASSERT_EQ(::shutdown(pair.first.Get(), SHUT_WR), 0);
  {
    const NoDescriptors none;
    Serve();
    EXPECT_EQ(none.Waits(), 1U);
  }
  const auto answer = TakeAnswer();
  ASSERT_TRUE(answer && answer->results.size() == 1);
  EXPECT_EQ(answer->results[0].second.outcome, Outcome::Delivered) << answer->results[0].second.text;
}

TEST_F(AgentTest, AnswersAllThatIsWaitingForARunnerThatHasNoMore) {
  for (const std::uint64_t serial : {1, 2, 3}) Send(MakeRequest(serial));
  ASSERT_EQ(::shutdown(pair.first.Get(), SHUT_WR), 0);
  Serve();
  for (const std::uint64_t serial : {1, 2, 3}) {
    const auto answer = TakeAnswer();
    EXPECT_TRUE(answer && answer->serial == serial) << serial;
  }
}

TEST_F(AgentTest, DeliversNothingForARunnerThatIsGone) {
  Send(MakeRequest(1));
  pair.first.Close();
  Serve();
  EXPECT_FALSE(Has("mbox"));
}

TEST_F(AgentTest, DeliversOnceForSeveralRecipients) {
  for (int i = 1; i < 50; ++i) envelope.recipients.emplace_back().address = "r" + std::to_string(i);
  Send(MakeRequest(1));
  std::thread agent([this] { Serve(); });
  std::vector<bool> answered(50);
  for (std::size_t count = 0; count < answered.size();) {
    const auto answer = TakeAnswer();
    ASSERT_TRUE(answer && !answer->results.empty());
    for (const auto& [index, result] : answer->results) {
      answered.at(index) = true;
      EXPECT_EQ(result.outcome, Outcome::Delivered);
      ++count;
    }
  }
  EXPECT_EQ(std::ranges::count(answered, true), 50);
  pair.first.Close();
  agent.join();
  EXPECT_EQ(Read(), EntryText());
}

TEST_F(AgentTest, DefersWhatItCanNotDo) {
  const auto outcome = [this](const courier::Request& request, FdRef fd) {
    const auto answer = Handle(request, fd);
    return answer.results.at(0).second.outcome;
  };
  EXPECT_EQ(outcome(MakeRequest(1), FdRef(-1)), Outcome::Deferred) << "no message";
  EXPECT_EQ(outcome(MakeRequest(1), pair.first), Outcome::Deferred) << "a socket as message";
  for (const auto* destination : {"", "|/bin/sh", "lmtp:/run/lmtp", "plugin:/none.so", "~/none/mbox"})
    EXPECT_EQ(outcome(MakeRequest(1, destination), message), Outcome::Deferred) << destination;
  EXPECT_EQ(outcome(MakeRequest(1), message), Outcome::Delivered);
}

TEST_F(AgentTest, DeliversToWhatTheDestinationNames) {
  SetMailbox("~/Maildir/");
  EXPECT_EQ(Handle(MakeRequest(1, "~/Maildir/"), message).results.at(0).second.text,
            "Delivered to '" + directory.Path() + "/Maildir/'");
  SetMailbox(kMailbox);
  EXPECT_EQ(Handle(MakeRequest(1), message).results.at(0).second.text,
            "Delivered to '" + directory.Path() + "/mbox'");
}

TEST_F(AgentTest, DeliversNowhereThatNobodyHasWrittenDown) {
  for (const bool explain : {false, true}) {
    auto request = MakeRequest(1, "~/.bashrc");
    request.explain = explain;
    const auto result = Handle(request, message).results.at(0).second;
    EXPECT_EQ(result.outcome, Outcome::Deferred);
    EXPECT_EQ(result.status, "4.7.1");
  }
  EXPECT_FALSE(Has(".bashrc"));
}

TEST_F(AgentTest, AnswersWithTheForwardFileWhereItIsAskedForIt) {
  auto request = MakeRequest(1);
  request.forward = true;
  EXPECT_FALSE(Handle(request, message).forward) << "there is none";
  EXPECT_EQ(Read(), EntryText());
  Write("bob, carol@example.org\n", ".forward");
  auto answer = Handle(request, message);
  ASSERT_TRUE(answer.forward);
  EXPECT_EQ(answer.forward->destinations.size(), 2u);
  EXPECT_TRUE(answer.results.empty());
  request.extension = "lists";
  Write("\\alice\n", ".forward+lists");
  answer = Handle(request, message);
  ASSERT_TRUE(answer.forward);
  EXPECT_EQ(answer.forward->path, directory / ".forward+lists");
  EXPECT_EQ(Read(), EntryText()) << "no copy is kept where the file does not say so";
  request.forward = false;
  EXPECT_FALSE(Handle(request, message).forward);
}

TEST_F(AgentTest, SaysThatThereIsNoForwardFileWhereItCanNotDeliver) {
  auto request = MakeRequest(1);
  request.forward = request.explain = true;
  for (const auto* destination : {"", "|/usr/bin/procmail -a x"}) {
    request.destination = destination;
    const auto answer = Handle(request, message);
    ASSERT_TRUE(answer.forward) << destination;
    EXPECT_TRUE(answer.forward->path.empty()) << destination;
    EXPECT_EQ(answer.forward->destinations,
              (std::vector<mail::Destination>{{mail::Destination::Kind::User, {}, 0}}));
  }
  Write("bob\n", ".forward");
  const auto answer = Handle(request, message);
  ASSERT_TRUE(answer.forward);
  EXPECT_EQ(answer.forward->destinations.at(0).text, "bob");
}

TEST_F(AgentTest, ExplainsAndDeliversNothing) {
  auto request = MakeRequest(1);
  request.explain = true;
  const auto text = [&](const char* destination) {
    request.destination = destination;
    SetMailbox(destination);
    return Handle(request, FdRef(-1)).results.at(0).second.text;
  };
  EXPECT_EQ(text("~/mbox"), "would deliver to '" + directory.Path() + "/mbox'");
  EXPECT_EQ(text("~/box/"), "would deliver to '" + directory.Path() + "/box/'");
  EXPECT_FALSE(Has("mbox"));
  EXPECT_FALSE(Has("box"));
  std::filesystem::create_directory(directory / "mbox");
  EXPECT_NE(text("~/mbox").find("Is a directory"), std::string::npos);
}

constexpr uid_t kOfHomed = 60177;  // whose home may appear

TEST_F(AgentTest, WaitsForAHomeThatIsAbsent) {
  user.uid = kOfHomed;
  user.home = directory / "absent";
  const auto status = [&](const char* destination, bool forward) {
    auto request = MakeRequest(1, destination);
    SetMailbox(destination);
    request.forward = forward;
    return Handle(request, message).results.at(0).second.status;
  };
  EXPECT_EQ(status("~/mbox", false), courier::kAwaitsHome);
  EXPECT_EQ(status("/none/mbox", true), courier::kAwaitsHome);
  EXPECT_EQ(status((user.home + "/mbox").c_str(), false), courier::kAwaitsHome);
  EXPECT_EQ(status("/none/mbox", false), "4.2.0");
  user.uid = 100;
  EXPECT_EQ(status("/none/mbox", true), "4.2.0") << "a system user needs no home";
  user.uid = 1000;
  EXPECT_EQ(status("/none/mbox", true), "4.2.0") << "and nothing promises this one";
}

TEST_F(AgentTest, KeepsTheMailOfAUserWithoutAHomeWhereEverybodyHasIt) {
  user.uid = 1000;
  auto request = MakeRequest(1, "~/Maildir/");
  request.explain = request.forward = true;
  SetMailbox("~/Maildir/");
  for (const auto& home : {directory / "absent", std::string("/dev/null"), std::string("/")}) {
    user.home = home;
    const auto answer = Handle(request, FdRef(-1));
    ASSERT_EQ(answer.results.size(), 1U) << home;
    EXPECT_NE(answer.results[0].second.text.find("/var/mail/" + user.name), std::string::npos)
        << answer.results[0].second.text;
  }
}

TEST_F(AgentTest, TellsTheRelaysOfItsUserAndTheRelayAloneWhatTheyLogInWith) {
  LetUsersChoose("yes");
  const auto folder = directory / ".config/mailqueue/";
  std::filesystem::create_directories(folder + "credentials");
  std::ofstream(folder + "relay.conf") << "[Relay]\nHost=smtps://work@relay.example\n";
  std::ofstream(folder + "credentials/work") << "alice:secret\n";
  ASSERT_EQ(::chmod((folder + "credentials/work").c_str(), 0600), 0);
  const auto packet = AskForRelays(5);
  const auto answer = Answer::Parse(packet.text);
  ASSERT_TRUE(answer && answer->own_relays) << packet.text;
  EXPECT_EQ(answer->serial, 5U);
  EXPECT_EQ(answer->own_relays->relays, "smtps://work@relay.example");
  EXPECT_EQ(packet.text.find("secret"), packet.text.npos);
  const auto box = courier::ReadSealedFile(packet.fd);
  ASSERT_TRUE(box);
  EXPECT_EQ(box->find("secret"), box->npos);
  const auto text = seal::Open(*box, keys);
  ASSERT_TRUE(text);
  EXPECT_EQ(courier::FindCredential(*text, "work"), "alice:secret");
  EXPECT_EQ(courier::ParseChoice(*text)->owner, user.name);
}

// Whatever the runner asks for.
TEST_F(AgentTest, HandsOverNothingWhereUsersMayNotChoose) {
  LetUsersChoose("no");
  const auto folder = directory / ".config/mailqueue/";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "relay.conf") << "[Relay]\nHost=relay.example\n";
  const auto packet = AskForRelays(5);
  EXPECT_FALSE(packet.fd);
  const auto answer = Answer::Parse(packet.text);
  ASSERT_TRUE(answer && !answer->own_relays && answer->results.size() == 1);
  EXPECT_EQ(answer->results[0].second.status, "4.3.5");
}

TEST_F(AgentTest, DefersWhereItCanNotTellTheRelays) {
  LetUsersChoose("yes");
  auto request = MakeRequest(1, "");
  request.own_relays = true;
  request.envelope.recipients.emplace_back().address = "second@example.org";
  user.uid = kOfHomed;
  Send(request);
  user.home = directory / "absent";
  std::thread agent([this] { Serve(); });
  const auto answer = TakeAnswer();
  ASSERT_TRUE(answer && answer->results.size() == 2);
  EXPECT_EQ(answer->results[1].second.status, courier::kAwaitsHome);
  pair.first.Close();
  agent.join();
}

TEST_F(AgentTest, EndsTheConversationOverWhatIsNoRequest) {
  EXPECT_EQ(courier::Send(pair.first, "nonsense"), SendStatus::Sent);
  EXPECT_THROW(Serve(), std::runtime_error);
}

TEST_F(AgentTest, KeepsNoMessageOpen) {
  auto [reader, writer] =
      courier::MakePair();  // stands for the message: its end tells when the last copy is closed
  std::thread agent([this] { Serve(); });
  EXPECT_EQ(courier::Send(pair.first, MakeRequest(1).ToText(), writer), SendStatus::Sent);
  writer.Close();
  EXPECT_TRUE(TakeAnswer());
  pollfd fd{reader.Get(), POLLIN, 0};
  EXPECT_EQ(::poll(&fd, 1, kDeadline), 1);
  pair.first.Close();
  agent.join();
}

}  // namespace
