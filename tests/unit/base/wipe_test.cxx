// SPDX-License-Identifier: BSD-2-Clause
#include "base/wipe.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace {

TEST(Wipe, OverwritesWhatAShorterTextHasLeftBehindItsEnd) {
  for (const std::size_t size : {8U, 15U, 16U, 300U}) {
    std::string text(size, 'x');
    text.resize(3);
    const char* const octets = text.data();
    const auto capacity = text.capacity();
    Wipe(text);
    EXPECT_EQ(text, "");
    EXPECT_TRUE(std::all_of(octets, octets + capacity, [](char c) { return c == 0; })) << size;
  }
}

}  // namespace
