// SPDX-License-Identifier: BSD-2-Clause
// The tests that SECURITY.md names, against those that there are.
#include "base/text.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kTests = fs::path(MAILQUEUE_SOURCE_DIR) / "tests";

std::string TextOf(const fs::path& file) {
  std::ifstream stream(file);
  EXPECT_TRUE(stream) << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// As SECURITY.md names the program that a file is a part of.
std::string ProgramOf(const fs::path& file) {
  const auto folder = fs::relative(file.parent_path(), kTests);
  if (folder == "system") return "system/" + file.stem().string();
  std::string name;
  for (const auto& part : folder)
    if (part != "unit") name += part.string() + "_";
  return name + "test";
}

/// Adds "PROGRAM: SUITE.CASE" and "PROGRAM: SUITE.*" for each test of a source.
void AddTests(std::set<std::string>& tests, const std::string& program, std::string_view text) {
  for (auto at = text.find("\nTEST"); at != text.npos; at = text.find("\nTEST", at + 1)) {
    const auto begin = text.find('(', at) + 1;
    const auto words = SplitList(text.substr(begin, text.find(')', begin) - begin), ", \n");
    if (words.size() != 2) continue;
    tests.insert(program + ": " + words[0] + "." + words[1]);
    tests.insert(program + ": " + words[0] + ".*");
  }
}

bool IsCase(std::string_view word) {
  if (word == "*") return true;
  const auto is_in_name = [](unsigned char c) { return std::isalnum(c) != 0; };
  return !word.empty() && std::isupper(static_cast<unsigned char>(word.front())) &&
         std::ranges::all_of(word, is_in_name);
}

/// The tests that the page names, each with its program and suite, which hold for the next ones in the same
/// parentheses.
std::vector<std::string> NamesIn(std::string_view page) {
  std::vector<std::string> names;
  for (auto at = page.find('('); at != page.npos; at = page.find('(', at + 1)) {
    auto group = page.substr(at, page.find(')', at) - at);
    std::string program;
    std::string suite;
    for (auto tick = group.find('`'); tick != group.npos; tick = group.find('`')) {
      group.remove_prefix(tick + 1);
      auto word = group.substr(0, group.find('`'));
      group.remove_prefix(std::min(group.size(), word.size() + 1));
      if (const auto colon = word.find(": "); colon != word.npos) {
        program = word.substr(0, colon);
        word.remove_prefix(colon + 2);
      }
      if (const auto dot = word.find('.'); dot != word.npos) {
        suite = word.substr(0, dot);
        word.remove_prefix(dot + 1);
      }
      if (!program.empty() && IsCase(word)) names.push_back(program + ": " + suite + "." + std::string(word));
    }
  }
  return names;
}

TEST(SecurityPage, NamesProgramAndSuiteOnceForSeveralCases) {
  EXPECT_THAT(
      NamesIn(
          "It (`Route`) holds (`mail_test: A.One`, `Two`, `B.*`; `tools/faults`) here\n(`system/c: D.E`)."),
      testing::ElementsAre("mail_test: A.One", "mail_test: A.Two", "mail_test: B.*", "system/c: D.E"));
}

TEST(SecurityPage, NamesTestsThatExist) {
  std::set<std::string> tests;
  for (const auto& entry : fs::recursive_directory_iterator(kTests))
    if (entry.path().extension() == ".cxx") AddTests(tests, ProgramOf(entry.path()), TextOf(entry.path()));
  const auto names = NamesIn(TextOf(kTests.parent_path() / "SECURITY.md"));
  EXPECT_GT(names.size(), 100U);
  for (const auto& name : names) EXPECT_TRUE(tests.contains(name)) << name;
}

}  // namespace
