// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/login_worker.hxx"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>

namespace {

class LoginWorkerTest : public testing::Test {
 protected:
  void Start(const std::string& owner, std::function<void()> work) {
    ++open_;
    asio::co_spawn(context_, worker_.Run(owner, std::move(work)), [this](const std::exception_ptr& fault) {
      --open_;
      faults_ += fault ? 1 : 0;
    });
  }
  void RunUntil(const std::function<bool()>& is_done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_done() && context_.run_one_until(deadline) > 0) continue;
    ASSERT_TRUE(is_done());
  }

  asio::io_context context_;
  relay::LoginWorker worker_;
  std::size_t open_ = 0;
  std::size_t faults_ = 0;
};

TEST_F(LoginWorkerTest, HasAThreadLeftForOthersThanTheOneWhoKeepsItBusy) {
  std::promise<void> end;
  auto ended = end.get_future().share();
  for (int i = 0; i < 5; ++i) Start("alice", [ended] { ended.wait(); });
  Start("bob", [] {});
  RunUntil([&] { return open_ == 5; });
  end.set_value();
  RunUntil([&] { return open_ == 0; });
}

TEST_F(LoginWorkerTest, PassesOnWhatIsThrown) {
  Start("", [] { throw std::runtime_error("no"); });
  bool is_done = false;
  Start("", [&] { is_done = true; });
  RunUntil([&] { return open_ == 0; });
  EXPECT_TRUE(is_done);
  EXPECT_EQ(faults_, 1U);
}

}  // namespace
