// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/order_places.hxx"

#include <gtest/gtest.h>

#include <optional>

namespace {

using runner::OrderPlaces;

TEST(OrderPlaces, AreFreeAgainWhateverBecomesOfTheOrder) {
  std::optional<OrderPlaces> places(2);
  auto answered = places->Take(1000, 5);
  EXPECT_FALSE(places->HasRoom(1000, 5)) << "half of them is one share's";
  EXPECT_TRUE(places->HasRoom(1000, 6));
  EXPECT_TRUE(places->HasRoom(1001, 5));
  auto forgotten = places->Take(1000, 6);
  answered->Free();
  answered->Free();
  EXPECT_FALSE(places->IsEmpty(1000));
  forgotten.reset();
  EXPECT_TRUE(places->IsEmpty(1000));
  auto last = places->Take(1000, 5);
  places.reset();
  last->Free();
}

}  // namespace
