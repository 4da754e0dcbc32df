// SPDX-License-Identifier: BSD-2-Clause
#include "sasl/token_source.hxx"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/use_future.hpp>
#include <asio/write.hpp>
#include <gtest/gtest.h>

#include <unistd.h>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using asio::local::stream_protocol;

// Answers each connection with the next of its texts, and remembers what it was asked.
class TokenServer {
 public:
  explicit TokenServer(std::vector<std::string> answers)
      : answers_(std::move(answers)), acceptor_(context_, stream_protocol::endpoint(path)) {
    thread_ = std::thread([this] { Run(); });
  }
  ~TokenServer() {
    thread_.join();
    ::unlink(path.c_str());
  }

  const std::string path = testing::TempDir() + "token-" + std::to_string(::getpid());
  std::vector<std::string> asked;

 private:
  void Run() {
    for (const auto& answer : answers_) {
      auto peer = acceptor_.accept();
      std::string request;
      std::error_code ignored;
      asio::read(peer, asio::dynamic_buffer(request), ignored);
      asked.push_back(request);
      asio::write(peer, asio::buffer(answer), ignored);
    }
  }

  std::vector<std::string> answers_;
  asio::io_context context_;
  stream_protocol::acceptor acceptor_;
  std::thread thread_;
};

std::string Find(sasl::TokenSource& source, const std::string& command) {
  asio::io_context context;
  auto found = asio::co_spawn(context, source.Find(command), asio::use_future);
  context.run();
  return found.get();
}

std::string FaultOf(sasl::TokenSource& source, const std::string& command) {
  try {
    return "no fault, but " + Find(source, command);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(TokenSource, KeepsATokenUntilItIsForgotten) {
  std::vector<std::string> asked;
  {
    TokenServer server({"first\n", "other", " second \r\nmore\n"});
    sasl::TokenSource source(server.path);
    EXPECT_EQ(Find(source, "/bin/a"), "first");
    EXPECT_EQ(Find(source, "/bin/a"), "first");
    EXPECT_EQ(Find(source, "/bin/b"), "other");
    source.Forget("/bin/a", "some other token");
    EXPECT_EQ(Find(source, "/bin/a"), "first");
    source.Forget("/bin/a", "first");
    EXPECT_EQ(Find(source, "/bin/a"), "second");
    asked = server.asked;
  }
  EXPECT_EQ(asked, (std::vector<std::string>{"/bin/a", "/bin/b", "/bin/a"}));
}

TEST(TokenSource, SaysWhatIsNoToken) {
  const std::vector<std::string> answers = {"", "two words", "\ntoken", std::string(20000, 'x'), "\x80"};
  TokenServer server(answers);
  sasl::TokenSource source(server.path);
  for (const auto& answer : answers) {
    const auto fault = FaultOf(source, "/bin/a");
    EXPECT_NE(fault.find("TokenCommand=/bin/a printed no token"), fault.npos)
        << answer.substr(0, 20) << ": " << fault;
  }
}

TEST(TokenSource, SaysThatNobodyAnswers) {
  sasl::TokenSource source("/nonexistent/token");
  const auto fault = FaultOf(source, "/bin/a");
  EXPECT_NE(fault.find("Failed to get a token"), fault.npos) << fault;
}

}  // namespace
