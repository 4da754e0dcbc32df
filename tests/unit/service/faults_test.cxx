// SPDX-License-Identifier: BSD-2-Clause
#include "service/faults.hxx"

#include <gtest/gtest.h>

#include <stdexcept>

using namespace std::chrono_literals;

namespace {

const service::Faults::Clock::time_point kStart{};

bool Survives(service::Faults& faults, std::chrono::seconds at) {
  try {
    try {
      throw std::runtime_error("no descriptor");
    } catch (const std::exception& fault) {
      faults.Survive(fault, kStart + at);
    }
  } catch (const std::runtime_error&) {
    return false;
  }
  return true;
}

}  // namespace

TEST(Faults, ThirdWithinAMinuteIsNotSurvived) {
  service::Faults faults;
  EXPECT_TRUE(Survives(faults, 0s));
  EXPECT_TRUE(Survives(faults, 20s));
  EXPECT_FALSE(Survives(faults, 59s));
}

TEST(Faults, RareOnesAreAllSurvived) {
  service::Faults faults;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Survives(faults, i * 31s)) << i;
}
