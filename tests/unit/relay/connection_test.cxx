// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/connection.hxx"

#include "unit/relay/loopback_server.hxx"
#include "unit/tls/certificate.hxx"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

namespace {

using relay::Identity;
using std::chrono::milliseconds;

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    identity_.helo = "client.example";
    SetUrl("smtp+notls");
  }
  void SetUrl(const std::string& scheme) {
    identity_.url = config::RelayUrl::Parse(scheme + server_.Url().substr(4)).value();
  }
  void Await(const bool& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done && context_.run_one_until(deadline) > 0) continue;
    ASSERT_TRUE(done);
  }
  /// Opens a connection, and takes leave. @return why it could not be opened
  std::optional<mail::DeliveryResult> Open() {
    std::optional<mail::DeliveryResult> refusal;
    bool done = false;
    relay::Connection connection(identity_, parameters_, network_, sessions_);
    asio::co_spawn(context_, OpenAndQuit(connection, refusal, done), asio::detached);
    Await(done);
    return refusal;
  }
  static asio::awaitable<void> OpenAndQuit(relay::Connection& connection,
                                           std::optional<mail::DeliveryResult>& refusal, bool& done) {
    refusal = co_await connection.Open();
    if (!refusal) co_await connection.Quit();
    done = true;
  }

  asio::io_context context_;
  LoopbackServer server_{context_};
  Identity identity_;
  relay::Parameters parameters_;
  relay::Network network_{context_.get_executor()};
  tls::Sessions sessions_;
};

TEST_F(ConnectionTest, GivesUpOnAServerThatDoesNotAnswerInTime) {
  for (const char* command : {"", "EHLO"}) {
    server_.delay = std::string(command).empty() ? milliseconds(100000) : milliseconds(0);
    server_.answer = [command](const std::string& line) {
      return line.starts_with(command) ? "silence" : "";
    };
    parameters_.timeouts.greeting = parameters_.timeouts.command = milliseconds(30);
    const auto refusal = Open();
    ASSERT_TRUE(refusal) << command;
    EXPECT_EQ(refusal->status, "4.4.2");
    EXPECT_NE(refusal->text.find("did not answer in time"), std::string::npos) << refusal->text;
  }
}

TEST_F(ConnectionTest, ConnectsFromTheSourceAddress) {
  identity_.source_addresses = {"::1", "127.0.0.7"};
  EXPECT_FALSE(Open());
  EXPECT_EQ(server_.peers, std::vector<std::string>{"127.0.0.7"});
}

TEST_F(ConnectionTest, DefersWhereTheSourceAddressDoesNotFit) {
  for (const std::string source : {"::1", "192.0.2.1", "nonsense"}) {
    identity_.source_addresses = {source};
    const auto refusal = Open();
    ASSERT_TRUE(refusal) << source;
    EXPECT_EQ(refusal->outcome, mail::Outcome::Deferred);
  }
  EXPECT_EQ(server_.connections, 0U);
}

class TlsConnectionTest : public ConnectionTest {
 protected:
  TlsConnectionTest() {
    Serve(certificate_);
    SetUrl("smtps");
  }
  void Serve(const Certificate& certificate) {
    tls_.use_certificate_chain_file(certificate.Path());
    tls_.use_private_key_file(certificate.Path(), asio::ssl::context::pem);
    server_.tls = &tls_;
  }

  const Certificate certificate_{"server"};
  const Certificate other_{"other"};
  asio::ssl::context tls_{asio::ssl::context::tls_server};
};

TEST_F(TlsConnectionTest, TrustsNobodyUnasked) {
  const auto refusal = Open();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, "4.7.5");
}

TEST_F(TlsConnectionTest, TrustsAPrivateAuthority) {
  identity_.tls.authorities = certificate_.Path();
  EXPECT_FALSE(Open());
  identity_.tls.authorities = other_.Path();
  sessions_ = {};  // another identity has its own
  EXPECT_TRUE(Open());
  identity_.tls.authorities = "/nonexistent";
  EXPECT_TRUE(Open());
}

TEST_F(TlsConnectionTest, TrustsAPinnedKey) {
  identity_.tls.pins = {other_.Pin(), certificate_.Pin()};
  EXPECT_FALSE(Open());
  identity_.tls.pins = {other_.Pin()};
  const auto refusal = Open();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, "4.7.5");
  EXPECT_NE(refusal->text.find(certificate_.Pin()), std::string::npos) << "what to pin: " << refusal->text;
}

TEST_F(TlsConnectionTest, ResumesASessionAndVerifiesIt) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    while (server_.open > 0) context_.run_one();
    sessions_ = {};
    server_.resumed = 0;
    SSL_CTX_set_max_proto_version(tls_.native_handle(), version);
    identity_.tls.pins = {certificate_.Pin()};
    for (int i = 0; i < 3; ++i) ASSERT_FALSE(Open());
    EXPECT_EQ(server_.resumed, 2U) << version;
    EXPECT_LE(sessions_.Size(), tls::Sessions::kMax);
    identity_.tls.pins = {other_.Pin()};
    EXPECT_TRUE(Open()) << "a session that is resumed has the certificate that it began with";
  }
}

TEST_F(TlsConnectionTest, ShowsACertificate) {
  tls_.set_verify_mode(asio::ssl::verify_peer);
  tls_.load_verify_file(other_.Path());
  identity_.tls.pins = {certificate_.Pin()};
  EXPECT_FALSE(Open());
  EXPECT_EQ(server_.certificates, 0U);
  identity_.tls.certificate = other_.Path();
  sessions_ = {};
  EXPECT_FALSE(Open());
  EXPECT_EQ(server_.certificates, 1U);
  identity_.tls.certificate = "/nonexistent";
  EXPECT_TRUE(Open());
}

TEST_F(TlsConnectionTest, ReadsNothingFromBeforeTheHandshake) {
  // What was injected in the clear stands where the handshake is expected.
  server_.tls = nullptr;
  server_.greeting = "220 injected\r\n250 and more";
  const auto refusal = Open();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, "4.7.5");
}

}  // namespace
