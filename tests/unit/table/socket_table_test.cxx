// SPDX-License-Identifier: BSD-2-Clause
#include "table/socket_table.hxx"

#include "fake_program.hxx"
#include "temporary_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <future>

using namespace std::chrono_literals;
using table::SocketTable;
using table::Unavailable;
using testing::HasSubstr;
using Connection = FakeProgram::Connection;

namespace {

class SocketTableTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Value(SocketTable& table, std::string_view key) {
    const auto found = table.Lookup(key);
    return found ? found->value : "(none)";
  }
  // Why a lookup is not possible.
  [[nodiscard]] std::string Problem(SocketTable& table) {
    try {
      return "found " + Value(table, "alice");
    } catch (const Unavailable& error) {
      return error.what();
    }
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "users";
};

// As a good program answers.
void Serve(Connection& connection) {
  connection.Greet();
  for (auto line = connection.ReadLine(); !line.empty(); line = connection.ReadLine()) {
    const auto key = line.substr(line.rfind('|') + 1);
    connection.Send(Result(line, key == "nobody" ? "not-found" : "found|" + key + "@example.org, |/x|y"));
  }
}

TEST_F(SocketTableTest, AsksOverOneConnection) {
  FakeProgram program(path_, Serve);
  SocketTable table(path_);
  const auto found = table.Lookup("Alice");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->value, "alice@example.org, |/x|y");
  EXPECT_EQ(found->where, "socket:" + path_);
  EXPECT_FALSE(table.Lookup("nobody"));
  EXPECT_EQ(Value(table, "bob"), "bob@example.org, |/x|y");
  EXPECT_EQ(program.Connections(), 1);
}

TEST_F(SocketTableTest, SpeaksTheProtocol) {
  std::promise<std::string> heard;
  FakeProgram program(path_, [&](Connection& connection) {
    std::string lines;
    for (int i = 0; i < 4; ++i) lines += connection.ReadLine() + "\n";
    connection.Send("register|domain\nregister|alias\nregister|ready\n");
    const auto request = connection.ReadLine();
    connection.Send(Result(request, "not-found"));
    heard.set_value(lines + request);
  });
  SocketTable table(path_);
  EXPECT_FALSE(table.Lookup("a|b"));
  EXPECT_THAT(heard.get_future().get(),
              testing::MatchesRegex("config\\|smtpd-version\\|mailqueue\nconfig\\|protocol\\|0\\.1\n"
                                    "config\\|tablename\\|users\nconfig\\|ready\n"
                                    "table\\|0\\.1\\|[0-9]+\\.[0-9]{6}\\|users\\|lookup\\|alias\\|"
                                    "0000000000000001\\|a\\|b"));
}

TEST_F(SocketTableTest, AcceptsServicesBeforeItsOwnGreeting) {
  FakeProgram program(path_, [](Connection& connection) {
    connection.Send("register|alias\nregister|ready\n");
    connection.Greet("");
    connection.Send(Result(connection.ReadLine(), "found|bob"));
    connection.AwaitClose();
  });
  SocketTable table(path_);
  EXPECT_EQ(Value(table, "alice"), "bob");
}

TEST_F(SocketTableTest, ConnectsAgainOnceToAProgramThatHasGone) {
  auto program = std::make_unique<FakeProgram>(path_, [](Connection& connection) {
    connection.Greet();
    connection.Send(Result(connection.ReadLine(), "found|bob"));  // and closes
  });
  SocketTable table(path_);
  EXPECT_EQ(Value(table, "alice"), "bob");
  EXPECT_EQ(Value(table, "alice"), "bob");
  EXPECT_EQ(program->Connections(), 2);
  program.reset();
  program = std::make_unique<FakeProgram>(path_, Serve);
  EXPECT_EQ(Value(table, "carol"), "carol@example.org, |/x|y");
}

TEST_F(SocketTableTest, KeysThatNoTableHasAreNotAsked) {
  SocketTable table(path_);  // where nobody listens
  for (const std::string& key :
       {std::string(), std::string("a\nb"), std::string("a\0b", 3), std::string(1025, 'a')})
    EXPECT_FALSE(table.Lookup(key));
}

TEST_F(SocketTableTest, IsUnavailableWithoutAProgram) {
  SocketTable table(path_);
  EXPECT_EQ(Problem(table), "failed to ask socket:" + path_ + ": No such file or directory");
}

TEST_F(SocketTableTest, WhatIsNoAnswerIsUnavailable) {
  struct Case {
    const char* what;
    FakeProgram::Serve serve;
    std::string problem;
  };
  const auto answer = [](const std::string& text) {
    return [text](Connection& connection) {
      connection.Greet();
      const auto request = connection.ReadLine();
      auto line = text;
      if (const auto at = line.find("ID"); at != line.npos) line.replace(at, 2, IdOf(request));
      connection.Send(line);
      connection.AwaitClose();
    };
  };
  const auto greet = [](const std::string& text) {
    return [text](Connection& connection) {
      connection.Greet(text);
      connection.AwaitClose();
    };
  };
  const Case cases[] = {
      {"closes", [](Connection&) {}, "the program has closed the connection"},
      {"closes behind the greeting", [](Connection& connection) { connection.Greet(); },
       "the program has closed the connection"},
      {"closes within an answer",
       [](Connection& connection) {
         connection.Greet();
         connection.Send("lookup-result|" + IdOf(connection.ReadLine()) + "|found|b");
       },
       "the program has closed the connection"},
      {"garbage", answer("\x01\xff\n"), "is no result of a lookup"},
      {"empty line", answer("\n"), "is no result of a lookup"},
      {"another operation", answer("check-result|ID|found\n"), "is no result of a lookup"},
      {"no result", answer("lookup-result|ID\n"), "is no result of a lookup"},
      {"unknown result", answer("lookup-result|ID|maybe\n"), "is no result of a lookup"},
      {"no value", answer("lookup-result|ID|found|\n"), "is no result of a lookup"},
      {"wrong id", answer("lookup-result|00000000000000ff|found|bob\n"),
       "the answer is to another question: '00000000000000ff'"},
      {"error", answer("lookup-result|ID|error|out of order|now\n"), "the program says 'out of order|now'"},
      {"error without text", answer("lookup-result|ID|error\n"), "the program says ''"},
      {"too long", answer("lookup-result|ID|found|" + std::string(SocketTable::kMaxLine, 'a') + "\n"),
       "the answer is too long"},
      {"no end of line", answer(std::string(SocketTable::kMaxLine + 5000, 'a')), "the answer is too long"},
      {"no such service", greet("register|domain\nregister|ready\n"), "does not serve 'alias'"},
      {"no registration", greet("lookup-result|1|found|bob\n"), "registers no service"},
      {"many services",
       [](Connection& connection) {
         while (connection.Send("register|x\n")) {
         }
       },
       "too many services"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    FakeProgram program(path_, one.serve);
    SocketTable table(path_);
    EXPECT_THAT(Problem(table), HasSubstr(one.problem));
    // It begins anew, on a connection of its own.
    EXPECT_THAT(Problem(table), HasSubstr(one.problem));
    EXPECT_EQ(program.Connections(), 2);
  }
}

TEST_F(SocketTableTest, WaitsForNoLongerThanItSays) {
  const auto silent = [](Connection& connection) {
    connection.Greet();
    connection.AwaitClose();
  };
  // Each octet comes in time, the line never.
  const auto trickle = [](Connection& connection) {
    connection.Greet();
    while (connection.Send("l") && !connection.IsClosedWithin(1ms)) continue;
  };
  for (const auto& serve : {FakeProgram::Serve(silent), FakeProgram::Serve(trickle)}) {
    FakeProgram program(path_, serve);
    SocketTable table(path_, 100ms);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(Problem(table), HasSubstr("no answer in time"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  }
}

TEST_F(SocketTableTest, WaitsForNoLongerForAProgramThatAcceptsNothing) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.Get(), 0), 0);
  SocketTable first(path_, 50ms), second(path_, 50ms), third(path_, 50ms);
  for (auto* table : {&first, &second, &third}) EXPECT_THAT(Problem(*table), HasSubstr("no answer in time"));
}

}  // namespace
