// SPDX-License-Identifier: BSD-2-Clause
#include "service/event_loop.hxx"

#include "base/file.hxx"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

class EventLoop : public testing::Test {
 protected:
  EventLoop() { ::setenv("MAILQUEUE_HANDLER_LIMIT", "20", 1); }
  ~EventLoop() { ::unsetenv("MAILQUEUE_HANDLER_LIMIT"); }

  asio::io_context context;
};

void Throw() {
  throw std::runtime_error("no descriptor");
}

}  // namespace

TEST_F(EventLoop, GoesOnBehindAHandlerThatThrows) {
  std::vector<int> ran;
  asio::post(context, [&] { ran.push_back(1); });
  asio::post(context, Throw);
  asio::post(context, [&] { ran.push_back(2); });
  asio::post(context, Throw);
  asio::post(context, [&] { ran.push_back(3); });
  service::EventLoop(context).Run();
  EXPECT_EQ(ran, (std::vector{1, 2, 3}));
}

TEST_F(EventLoop, LeavesWhenTooManyThrow) {
  for (int i = 0; i < 3; ++i) asio::post(context, Throw);
  EXPECT_THROW(service::EventLoop(context).Run(), std::runtime_error);
}

TEST_F(EventLoop, TellsTheHandlersThatKeepIt) {
  service::EventLoop loop(context);
  asio::post(context, [] { std::this_thread::sleep_for(30ms); });
  asio::post(context, [] {});
  asio::post(context, [] { std::this_thread::sleep_for(30ms); });
  loop.Run();
  EXPECT_EQ(loop.SlowHandlers(), 2U);
}

TEST_F(EventLoop, TellsWorkFromWaiting) {
  service::EventLoop loop(context);
  asio::post(context, [] { std::this_thread::sleep_for(30ms); });
  asio::post(context, [] {
    for (const auto end = ProcessorTime() + 30ms; ProcessorTime() < end;) continue;
  });
  loop.Run();
  EXPECT_EQ(loop.SlowHandlers(), 2U);
  EXPECT_EQ(loop.BusyHandlers(), 1U);
}

TEST_F(EventLoop, WaitingIsNotAHandlersTime) {
  service::EventLoop loop(context);
  asio::steady_timer timer(context, 50ms);
  timer.async_wait([](const std::error_code&) {});
  loop.Run();
  EXPECT_EQ(loop.SlowHandlers(), 0U);
}

TEST_F(EventLoop, IsNotWatchedWithoutALimit) {
  ::unsetenv("MAILQUEUE_HANDLER_LIMIT");
  service::EventLoop loop(context);
  asio::post(context, [] { std::this_thread::sleep_for(30ms); });
  loop.Run();
  EXPECT_EQ(loop.SlowHandlers(), 0U);
}

TEST_F(EventLoop, RunsOneHandlerUntilATime) {
  service::EventLoop loop(context);
  asio::steady_timer timer(context, 1h);
  timer.async_wait([](const std::error_code&) {});
  EXPECT_FALSE(loop.RunOneUntil(std::chrono::steady_clock::now() + 10ms));
  asio::post(context, [] {});
  EXPECT_TRUE(loop.RunOneUntil(std::chrono::steady_clock::now() + 1h));
}
