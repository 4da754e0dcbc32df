// SPDX-License-Identifier: BSD-2-Clause
#include "queue/drop_board.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using queue::DropBoard;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

const DropBoard::May kAnybody = [](const auto&, const auto&) { return true; };
const queue::BootTime kStart{};

void AddSome(DropBoard& board, uid_t owner, int count) {
  for (int i = 0; i < count; ++i)
    board.Add(std::to_string(owner) + "-" + std::to_string(i), {.owner = owner, .size = 1, .modified = {}},
              owner);
}

std::string TakeAll(DropBoard& board, queue::BootTime now, const DropBoard::May& may = kAnybody) {
  std::string names;
  while (const auto name = board.Next(now, may)) {
    names += *name + " ";
    board.Remove(*name);
  }
  return names;
}

std::vector<std::string> WhyOf(const DropBoard& board, const std::string& after, queue::BootTime now) {
  std::vector<std::string> why;
  board.List(after, now, [&](const auto& waiting) {
    why.push_back(waiting.why);
    return true;
  });
  return why;
}

TEST(DropBoard, TakesOneOfEachShareInTurn) {
  DropBoard board;
  AddSome(board, 1000, 4);
  AddSome(board, 1001, 1);
  AddSome(board, 1002, 2);
  EXPECT_EQ(TakeAll(board, kStart), "1000-0 1001-0 1002-0 1000-1 1002-1 1000-2 1000-3 ");
  EXPECT_TRUE(board.IsEmpty());
}

TEST(DropBoard, GivesWhoComesLaterTheNextTurn) {
  DropBoard board;
  AddSome(board, 1000, 5000);
  for (int i = 0; i < 64; ++i) board.Remove(*board.Next(kStart, kAnybody));
  AddSome(board, 1001, 1);
  EXPECT_EQ(board.Next(kStart, kAnybody), "1001-0");
}

TEST(DropBoard, PassesByWhoMayNot) {
  DropBoard board;
  AddSome(board, 1000, 2);
  AddSome(board, 1001, 2);
  const auto may = [](const auto&, const auto& status) { return status.owner != 1000; };
  EXPECT_EQ(TakeAll(board, kStart, may), "1001-0 1001-1 ");
  EXPECT_FALSE(board.IsEmpty());
  EXPECT_EQ(TakeAll(board, kStart), "1000-0 1000-1 ");
}

TEST(DropBoard, DelaysOneThatFailsAndNoOther) {
  DropBoard board;
  AddSome(board, 1000, 2);
  auto now = kStart;
  ASSERT_EQ(board.Next(now, kAnybody), "1000-0");
  board.Delay("1000-0", "a bad sector", now);
  EXPECT_EQ(TakeAll(board, now), "1000-1 ");
  EXPECT_THAT(WhyOf(board, {}, now), ElementsAre("a bad sector"));
  EXPECT_THAT(WhyOf(board, "zz", now), IsEmpty());
  for (const auto delay : {10s, 20s, 40s, 80s, 160s, 320s, 640s, 1280s, 2560s, 3600s, 3600s}) {
    EXPECT_EQ(board.NextDue(), now + delay);
    EXPECT_FALSE(board.Next(now + delay - 1ms, kAnybody));
    now += delay;
    EXPECT_EQ(board.Next(now, kAnybody), "1000-0");
    board.Delay("1000-0", "a bad sector", now);
  }
  board.Hasten();
  EXPECT_EQ(board.Next(now, kAnybody), "1000-0");
}

// It must not be ready and delayed at once: it could leave while its delay goes on.
TEST(DropBoard, DelaysOneThatCanNotBeLookedAt) {
  DropBoard board;
  board.AddDelayed("a", 1000, "a bad sector", kStart);
  EXPECT_FALSE(board.Next(kStart, kAnybody));
  EXPECT_EQ(board.NextDue(), kStart + 10s);
  board.AddDelayed("a", 1000, "a bad sector", kStart);
  EXPECT_EQ(TakeAll(board, kStart + 10s), "a ");
  EXPECT_TRUE(board.IsEmpty());
  EXPECT_FALSE(board.NextDue());
  EXPECT_FALSE(board.Next(kStart + 1h, kAnybody));
}

TEST(DropBoard, KnowsOneNameOnce) {
  DropBoard board;
  AddSome(board, 1000, 2);
  AddSome(board, 1000, 2);
  ASSERT_EQ(board.Next(kStart, kAnybody), "1000-0");
  AddSome(board, 1000, 1);  // while it is being taken in
  EXPECT_EQ(TakeAll(board, kStart), "1000-1 ");
}

TEST(DropBoard, GivesAUserTheirOwnTurnOnceTheyAreKnown) {
  DropBoard board;
  for (int i = 0; i < 3; ++i)
    board.Add("x" + std::to_string(i), {.owner = 5000, .size = 1, .modified = {}}, 1);
  board.Add("u0", {.owner = 1000, .size = 1, .modified = {}}, 1);
  board.Add("u1", {.owner = 1000, .size = 1, .modified = {}}, 1);
  board.Move(1000, 1, 1000);
  EXPECT_EQ(TakeAll(board, kStart), "x0 u0 x1 u1 x2 ");
}

TEST(DropBoard, HasRoomForOthersHoweverManyThereAreOfOne) {
  DropBoard board;
  AddSome(board, 1000, DropBoard::kMaxOfShare + 2);
  EXPECT_FALSE(board.WantsMore()) << "while there are enough of the owner's";
  AddSome(board, 1001, 1);
  EXPECT_EQ(WhyOf(board, {}, kStart).size(), DropBoard::kMaxOfShare + 1);
  TakeAll(board, kStart);
  EXPECT_TRUE(board.WantsMore());
  board.ForgetMore();
  EXPECT_FALSE(board.WantsMore());
}

}  // namespace
