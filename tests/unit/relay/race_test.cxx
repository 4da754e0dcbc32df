// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/race.hxx"

#include "base/fd.hxx"
#include "unit/await.hxx"
#include "unit/relay/loopback_server.hxx"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <chrono>
#include <netinet/in.h>
#include <vector>

namespace {

using relay::Candidate;
using relay::Race;
using std::chrono::milliseconds;

/// An address that does not answer: its queue of connections is full.
class SilentServer {
 public:
  SilentServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_.Get(), reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(listener_.Get(), 0);
    ::getsockname(listener_.Get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    for (int i = 0; i < 4; ++i) {
      queued_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      (void)::connect(queued_.back().Get(), reinterpret_cast<const sockaddr*>(&address), size);
    }
  }
  [[nodiscard]] std::uint16_t Port() const noexcept { return port_; }

 private:
  UniqueFd listener_;
  std::vector<UniqueFd> queued_;
  std::uint16_t port_ = 0;
};

class RaceTest : public testing::Test {
 protected:
  static Candidate At(std::uint16_t port) {
    return relay::MakeCandidates("127.0.0.1", port, {asio::ip::make_address("127.0.0.1")}).front();
  }
  Candidate Open() const {
    return At(static_cast<std::uint16_t>(std::stoi(server_.Url().substr(server_.Url().rfind(':') + 1))));
  }
  Race::Outcome Compete(std::vector<Candidate> candidates, milliseconds limit = std::chrono::seconds(20)) {
    const auto race = std::make_shared<Race>(context_.get_executor(), std::move(candidates),
                                             std::vector<std::string>(), limit);
    return Await(context_, race->Run());
  }

  asio::io_context context_;
  LoopbackServer server_{context_};
  const SilentServer silent_;
  const Candidate closed_ = At(1);
};

TEST_F(RaceTest, IsWonByTheFirst) {
  const auto outcome = Compete({Open(), closed_});
  ASSERT_TRUE(outcome.stream);
  EXPECT_EQ(outcome.winner, 0U);
  EXPECT_FALSE(outcome.faults[1]);
}

TEST_F(RaceTest, GoesOnAtOnceWhereOneRefuses) {
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = Compete({closed_, closed_, closed_, closed_, closed_, Open()});
  ASSERT_TRUE(outcome.stream);
  EXPECT_EQ(outcome.winner, 5U);
  EXPECT_TRUE(outcome.faults[4]);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5 * Race::kAttemptDelay);
}

TEST_F(RaceTest, DoesNotWaitForOneThatIsSilent) {
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = Compete({At(silent_.Port()), Open()});
  ASSERT_TRUE(outcome.stream);
  EXPECT_EQ(outcome.winner, 1U);
  EXPECT_FALSE(outcome.faults[0]) << "it may still answer";
  EXPECT_GE(std::chrono::steady_clock::now() - begun, Race::kAttemptDelay);
}

TEST_F(RaceTest, IsLostWhenAllHaveFailed) {
  const auto outcome = Compete({At(silent_.Port()), closed_}, milliseconds(400));
  EXPECT_FALSE(outcome.stream);
  ASSERT_TRUE(outcome.faults[0] && outcome.faults[1]);
  EXPECT_NE(outcome.faults[0]->text.find("no answer in time"), std::string::npos) << outcome.faults[0]->text;
  EXPECT_NE(outcome.faults[1]->text.find("refused"), std::string::npos) << outcome.faults[1]->text;
}

TEST(Candidates, TakeTheFamiliesInTurn) {
  std::vector<asio::ip::address> addresses;
  for (const auto* text : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"})
    addresses.push_back(asio::ip::make_address(text));
  std::vector<std::string> names;
  for (const auto& candidate : relay::MakeCandidates("mx", 25, addresses)) names.push_back(candidate.name);
  EXPECT_EQ(names, (std::vector<std::string>{"mx[2001:db8::1]:25", "mx[192.0.2.1]:25", "mx[2001:db8::2]:25",
                                             "mx[192.0.2.2]:25", "mx[192.0.2.3]:25"}));
  EXPECT_EQ(relay::MakeCandidates("::1", 25, {asio::ip::make_address("::1")})[0].name, "[::1]:25");
  addresses.resize(50, addresses[0]);
  EXPECT_EQ(relay::MakeCandidates("mx", 25, addresses).size(), relay::kMaxCandidates);
}

}  // namespace
