// SPDX-License-Identifier: BSD-2-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

using testing::HasSubstr;
using testing::Not;

namespace {

std::string ReadSource(const std::string& name) {
  std::ifstream file(std::string(MAILQUEUE_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The names of the interface's methods, or properties.
std::vector<std::string> MembersOf(const std::string& kind) {
  const std::string xml = ReadSource("src/bus/org.mailqueue.Queue1.xml");
  const std::regex pattern("(?:(-->)\\s*)?<" + kind + " name=\"(\\w+)\"");
  std::vector<std::string> names;
  for (std::sregex_iterator i(xml.begin(), xml.end(), pattern), end; i != end; ++i) {
    EXPECT_TRUE((*i)[1].matched) << (*i)[2] << " has no comment";
    names.push_back((*i)[2]);
  }
  EXPECT_FALSE(names.empty());
  return names;
}

}  // namespace

TEST(Interface, PolicyAllowsEveryMethodByName) {
  const auto policy = ReadSource("conf/org.mailqueue.Queue1.conf");
  EXPECT_THAT(policy, HasSubstr("<deny send_destination=\"org.mailqueue.Queue1\"/>"));
  for (const auto& name : MembersOf("method")) EXPECT_THAT(policy, HasSubstr("send_member=\"" + name + "\""));
  static const std::regex allow("<allow send_[^>]*>");
  for (std::sregex_iterator i(policy.begin(), policy.end(), allow), end; i != end; ++i)
    EXPECT_THAT(i->str(), HasSubstr("send_member=")) << "allows more than a member";
}

TEST(Interface, ManualDescribesEveryMember) {
  const auto manual = ReadSource("man/org.mailqueue.Queue1.5");
  for (const auto& name : MembersOf("method")) EXPECT_THAT(manual, HasSubstr(".It Fn " + name));
  for (const auto& name : MembersOf("property")) EXPECT_THAT(manual, HasSubstr(".It Va " + name));
}
