// SPDX-License-Identifier: BSD-2-Clause
// Each target with its corpus, and with a fixed number of inputs made of it. They are the same ones each
// time: whatever fails here does so again, under a debugger as well.
#include "base/text.hxx"
#include "mutator.hxx"
#include "target.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace fuzz {

namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 2000;  // of each target

std::string current;  // the input that a target has

std::vector<std::string> ReadCorpus(std::string_view name) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(FUZZ_CORPUS) / name))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> corpus;
  corpus.reserve(paths.size());
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

// A sanitizer ends the process.
void TellInput() {
  std::fprintf(stderr, "The input was %s\n", testing::PrintToString(current).c_str());
}

/// @return false for a find
bool TryInput(const Target& target, std::string input) {
  current = std::move(input);
  try {
    target.run(current);
    return true;
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << "\nThe input was " << testing::PrintToString(current);
    return false;
  }
}

class FuzzTest : public testing::TestWithParam<Target> {};

TEST_P(FuzzTest, HoldsWhateverComes) {
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(TellInput);
  const auto corpus = ReadCorpus(GetParam().name);
  ASSERT_FALSE(corpus.empty());
  bool holds = TryInput(GetParam(), {});
  for (const auto& input : corpus) holds = TryInput(GetParam(), input) && holds;
  Mutator mutator(corpus);
  for (int round = 0; round < kRounds && holds; ++round) holds = TryInput(GetParam(), mutator.Next());
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzTest, testing::ValuesIn(Targets().begin(), Targets().end()),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace

}  // namespace fuzz
