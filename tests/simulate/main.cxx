// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.hxx"
#include "simulate/simulation.hxx"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <string>

namespace {

constexpr std::size_t kLastLines = 60;

constexpr char kUsage[] =
    "usage: mailqueue-simulate [--seeds N] [--seed S] [--steps]\n"
    "  --seeds N   as many runs, with the seeds S, S + 1, ...; by default 1\n"
    "  --seed S    of the first run; by default 1. With one run, all of it is told\n"
    "  --steps     somebody sets the wall clock now and then\n";

// @return false if something did not hold
bool RunSeed(std::uint64_t seed, const simulate::Options& options, bool tell) {
  std::deque<std::string> lines;
  simulate::Simulation simulation(seed, options, [&](const std::string& line) {
    if (tell) return static_cast<void>(std::printf("%s\n", line.c_str()));
    lines.push_back(line);
    if (lines.size() > kLastLines) lines.pop_front();
  });
  try {
    simulation.Run();
    if (tell)
      std::printf("%zu messages, %zu copies delivered, %u crashes\n", simulation.Submitted(),
                  simulation.Delivered(), simulation.Crashes());
    return true;
  } catch (const std::exception& e) {
    for (const auto& line : lines) std::printf("%s\n", line.c_str());
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), e.what());
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 1;
  std::uint64_t first = 1;
  simulate::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const auto number = i + 1 < argc ? ParseNumber<std::uint64_t>(argv[i + 1]) : std::nullopt;
    if (name == "--steps") {
      options.steps = true;
    } else if ((name == "--seeds" || name == "--seed") && number) {
      (name == "--seed" ? first : seeds) = *number;
      ++i;
    } else {
      std::fputs(kUsage, stderr);
      return 64;
    }
  }
  std::uint64_t failed = 0;
  for (std::uint64_t i = 0; i < seeds; ++i) failed += !RunSeed(first + i, options, seeds == 1);
  if (seeds > 1)
    std::printf("%llu of %llu seeds hold\n", static_cast<unsigned long long>(seeds - failed),
                static_cast<unsigned long long>(seeds));
  return failed > 0;
}
