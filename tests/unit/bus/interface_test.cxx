// SPDX-License-Identifier: BSD-2-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using testing::HasSubstr;

namespace {

std::string ReadSource(const std::string& name) {
  std::ifstream file(std::string(MAILQUEUE_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// What follows each @p before in the text, up to @p end.
std::vector<std::string> FindAll(const std::string& text, const std::string& before, char end) {
  std::vector<std::string> found;
  for (auto at = text.find(before); at != text.npos; at = text.find(before, at)) {
    at += before.size();
    found.push_back(text.substr(at, text.find(end, at) - at));
  }
  return found;
}

// The names of the interface's methods, or properties. Each is to have its comment right before it.
std::vector<std::string> MembersOf(const std::string& kind) {
  const std::string xml = ReadSource("src/bus/org.mailqueue.Queue1.xml");
  const auto names = FindAll(xml, "<" + kind + " name=\"", '"');
  EXPECT_FALSE(names.empty());
  EXPECT_EQ(FindAll(xml, "-->\n    <" + kind + " name=\"", '"'), names) << "one has no comment";
  return names;
}

}  // namespace

TEST(Interface, PolicyAllowsEveryMethodByName) {
  const auto policy = ReadSource("conf/org.mailqueue.Queue1.conf");
  EXPECT_THAT(policy, HasSubstr("<deny send_destination=\"org.mailqueue.Queue1\"/>"));
  for (const auto& name : MembersOf("method")) EXPECT_THAT(policy, HasSubstr("send_member=\"" + name + "\""));
  for (const auto& rule : FindAll(policy, "<allow send_", '>'))
    EXPECT_THAT(rule, HasSubstr("send_member=")) << "allows more than a member";
}

TEST(Interface, ManualDescribesEveryMember) {
  const auto manual = ReadSource("man/org.mailqueue.Queue1.5");
  for (const auto& name : MembersOf("method")) EXPECT_THAT(manual, HasSubstr(".It Fn " + name));
  for (const auto& name : MembersOf("property")) EXPECT_THAT(manual, HasSubstr(".It Va " + name));
}
