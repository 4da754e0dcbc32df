// SPDX-License-Identifier: BSD-2-Clause
// Each file of cases/ is a test.
#include "dialog/player.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> FindCases() {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(MAILQUEUE_DIALOG_CASES)) cases.push_back(entry.path());
  std::ranges::sort(cases);
  return cases;
}

std::string NameOf(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem();
  std::ranges::replace_if(
      name, [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

class DialogTest : public testing::TestWithParam<fs::path> {};

TEST_P(DialogTest, GoesAsWritten) {
  const auto dialog = Dialog::Load(GetParam());
  const auto difference = Player(dialog).Run();
  EXPECT_FALSE(difference) << GetParam().filename().string() << ", " << difference.value_or("");
}

INSTANTIATE_TEST_SUITE_P(Cases, DialogTest, testing::ValuesIn(FindCases()), NameOf);

}  // namespace
