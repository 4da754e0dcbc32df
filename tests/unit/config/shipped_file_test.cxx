// SPDX-License-Identifier: BSD-2-Clause
// What is shipped and written about the keys: conf/mailqueue.conf and mailqueue.conf(5).
#include "config/ini.hxx"
#include "config/keys.hxx"
#include "config/settings.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

using testing::HasSubstr;

namespace {

std::string ReadSource(const std::string& name) {
  std::ifstream file(std::string(MAILQUEUE_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// "#Key=value" without its "#"; every other line as it is.
std::string Uncomment(const std::string& text) {
  std::istringstream lines(text);
  std::string uncommented;
  for (std::string line; std::getline(lines, line);) {
    const bool key = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    uncommented += line.substr(key ? 1 : 0) + "\n";
  }
  return uncommented;
}

// "[Section] Key" of every assignment, in the order of the file.
std::vector<std::string> AssignmentsIn(const std::string& text) {
  std::vector<std::string> names;
  std::string section;
  config::IniReader reader(text);
  while (const auto item = reader.Next()) {
    EXPECT_NE(item->kind, config::IniItem::Kind::Bad) << item->line << ": " << item->text;
    if (item->kind == config::IniItem::Kind::Section) section = "[" + item->name + "] ";
    if (item->kind == config::IniItem::Kind::Assignment) names.push_back(section + item->name);
  }
  return names;
}

config::Loaded LoadText(const std::string& text) {
  std::string directory = testing::TempDir() + "shipped-XXXXXX";
  EXPECT_TRUE(::mkdtemp(directory.data()));
  std::ofstream(directory + "/mailqueue.conf") << text;
  auto loaded = config::Load(directory);
  std::filesystem::remove_all(directory);
  return loaded;
}

}  // namespace

TEST(ShippedFile, HasEveryKeyCommentedOut) {
  const auto text = ReadSource("conf/mailqueue.conf");
  EXPECT_TRUE(AssignmentsIn(text).empty()) << "only commented out";
  std::vector<std::string> expected;
  for (const auto& key : config::Keys())
    expected.push_back("[" + std::string(key.section) + "] " + std::string(key.name));
  EXPECT_EQ(AssignmentsIn(Uncomment(text)), expected);
}

TEST(ShippedFile, SaysTheDefaults) {
  auto loaded = LoadText(Uncomment(ReadSource("conf/mailqueue.conf")));
  for (const auto& warning : loaded.warnings) ADD_FAILURE() << warning.ToString();
  auto& relay = loaded.settings.relay.common;
  EXPECT_EQ(config::ParseRelayOptions(config::ToText(relay.options)), config::RelayOptions());
  relay.options.clear();  // as they were written
  relay.places.clear();
  loaded.settings.places.clear();
  EXPECT_EQ(loaded.settings, config::Load("/nonexistent").settings);
}

TEST(ShippedFile, ExplainsEachKey) {
  std::istringstream lines(ReadSource("conf/mailqueue.conf"));
  std::string before;
  for (std::string line; std::getline(lines, line); before = line) {
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ') {
      EXPECT_TRUE(before.starts_with("# ")) << line;
    }
  }
}

TEST(Manual, DocumentsEveryKey) {
  const auto manual = ReadSource("man/mailqueue.conf.5");
  for (const auto& key : config::Keys()) {
    const auto section = manual.find(".Ss [" + std::string(key.section) + "]");
    ASSERT_NE(section, manual.npos) << key.section;
    const auto end = std::min(manual.find(".Ss ", section + 1), manual.size());
    EXPECT_THAT(manual.substr(section, end - section), HasSubstr(".It Cm " + std::string(key.name) + "="));
  }
}
