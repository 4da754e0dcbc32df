// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/hold_board.hxx"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using relay::HoldBoard;

struct HoldBoardTest : testing::Test {
  relay::Activity activity{[] {}};
  HoldBoard board{activity};
};

TEST_F(HoldBoardTest, NamesTheAdministratorsRelaysAndCountsUsers) {
  EXPECT_EQ(board.Status(), "Delivering");
  auto alices = board.Put("smtps://work@secret.example", "alice");
  EXPECT_EQ(board.Status(), "Login refused, mail waits for relays of 1 user");
  auto others = board.Put("smtps://home@secret.example", "alice");
  auto bobs = board.Put("smtps://work@secret.example", "bob");
  auto machines = board.Put("smtps://isp@mail.example", "");
  EXPECT_EQ(board.Status(), "Login refused, mail waits for 'smtps://isp@mail.example', relays of 2 users");
  bobs.reset();
  others.reset();
  EXPECT_EQ(board.Status(), "Login refused, mail waits for 'smtps://isp@mail.example', relays of 1 user");
  alices.reset();
  EXPECT_EQ(board.Status(), "Login refused, mail waits for 'smtps://isp@mail.example'");
  EXPECT_FALSE(activity.IsIdle());
  machines.reset();
  EXPECT_EQ(board.Status(), "Delivering");
  EXPECT_TRUE(activity.IsIdle());
}

TEST_F(HoldBoardTest, HasALineThatSystemdTakes) {
  std::vector<HoldBoard::Entry> entries;
  for (int i = 0; i < 200; ++i)
    entries.push_back(board.Put("smtps://isp@mail.example", i % 2 ? "user" + std::to_string(i) : ""));
  entries.push_back(board.Put(std::string(1000, '\1'), ""));
  const auto status = board.Status();
  EXPECT_LE(status.size(), HoldBoard::kMaxStatus);
  EXPECT_TRUE(status.starts_with("Login refused, mail waits for 'smtps://isp@mail.example', ")) << status;
  EXPECT_TRUE(status.ends_with(" more relays, relays of 100 users")) << status;
}

}  // namespace
