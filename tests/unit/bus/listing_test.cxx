// SPDX-License-Identifier: BSD-2-Clause
#include "bus/listing.hxx"

#include <gtest/gtest.h>

TEST(Listing, RootAndTheQueueSeeAll) {
  EXPECT_EQ(bus::SubmitterFor(0, 990), std::nullopt);
  EXPECT_EQ(bus::SubmitterFor(990, 990), std::nullopt);
  EXPECT_EQ(bus::SubmitterFor(1000, 990), 1000U);
  EXPECT_EQ(bus::SubmitterFor(65534, 990), 65534U);
}
