// SPDX-License-Identifier: BSD-2-Clause
#include "bus/listing.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

using testing::ElementsAre;

namespace {

std::vector<std::string> Select(std::optional<uid_t> only, std::string_view after) {
  std::vector<bus::MessageStatus> messages(4);
  const char* const ids[] = {"D", "A", "C", "B"};
  for (std::size_t i = 0; i < 4; ++i) {
    messages[i].id = ids[i];
    messages[i].submitter = i % 2 == 0 ? 1000 : 0;
  }
  std::vector<std::string> seen;
  for (const auto& message : bus::Select(messages, only, after)) seen.push_back(message.id);
  return seen;
}

}  // namespace

TEST(Listing, RootAndTheQueueSeeAll) {
  EXPECT_EQ(bus::SubmitterFor(0, 990), std::nullopt);
  EXPECT_EQ(bus::SubmitterFor(990, 990), std::nullopt);
  EXPECT_EQ(bus::SubmitterFor(1000, 990), 1000U);
  EXPECT_EQ(bus::SubmitterFor(65534, 990), 65534U);
  EXPECT_THAT(Select(std::nullopt, ""), ElementsAre("A", "B", "C", "D"));
}

TEST(Listing, OthersSeeTheirOwn) {
  EXPECT_THAT(Select(1000, ""), ElementsAre("C", "D"));
  EXPECT_THAT(Select(0, ""), ElementsAre("A", "B"));
  EXPECT_THAT(Select(1001, ""), ElementsAre());
}

TEST(Listing, GoesOnBehindAnId) {
  EXPECT_THAT(Select(std::nullopt, "B"), ElementsAre("C", "D"));
  EXPECT_THAT(Select(std::nullopt, "BB"), ElementsAre("C", "D"));
  EXPECT_THAT(Select(std::nullopt, "D"), ElementsAre());
}
