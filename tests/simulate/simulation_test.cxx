// SPDX-License-Identifier: BSD-2-Clause
#include "simulate/simulation.hxx"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace {

// tools/simulate has as many as there is time for.
constexpr std::uint64_t kSeeds = 200;

TEST(Simulation, HoldsForSomeHundredSeeds) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    simulate::Simulation simulation(seed, {}, [](const std::string&) {});
    EXPECT_NO_THROW(simulation.Run()) << "tools/simulate --seed " << seed << " tells more";
  }
}

TEST(Simulation, OfOneSeedIsAlwaysTheSame) {
  const auto run = [] {
    std::string all;
    simulate::Simulation simulation(7, {}, [&](const std::string& line) { all += line + "\n"; });
    simulation.Run();
    return all;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
