// SPDX-License-Identifier: BSD-2-Clause
#include "mx/sts_policy.hxx"

#include <gtest/gtest.h>

namespace {

using mx::StsPolicy;
using Mode = StsPolicy::Mode;
using Strings = std::vector<std::string>;

TEST(StsPolicy, IsParsed) {
  const struct {
    std::string text;
    Mode mode;
    Strings hosts;
    int max_age;
  } cases[] = {
      {"version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.Example.NET\nmax_age: 604800\n",
       Mode::Enforce,
       {"mail.example.com", "*.example.net"},
       604800},
      {"version: STSv1\r\nmode: testing\r\nmx: a\r\nmax_age: 1\r\n", Mode::Testing, {"a"}, 1},
      {"version: STSv1\nmode: enforce\nmx: a b\nmx: *.\nmx: c\r\x1b\nmx: b\xc3\xbc.example.\nmax_age: 1\n",
       Mode::Enforce,
       {"xn--b-eha.example"},
       1},
      {"version:STSv1\nmode:none\nmax_age:0", Mode::None, {}, 0},
      {"mode: none\nunknown: x\nno field\nmax_age : 5 \nversion: STSv1\nmode: enforce\n", Mode::None, {}, 5},
      {"version: STSv1\nmode: none\nmax_age: 9999999999\n", Mode::None, {}, 31557600},
  };
  for (const auto& [text, mode, hosts, max_age] : cases) {
    std::string why;
    const auto policy = StsPolicy::Parse(text, why);
    ASSERT_TRUE(policy) << text << why;
    EXPECT_EQ(policy->mode, mode) << text;
    EXPECT_EQ(policy->hosts, hosts) << text;
    EXPECT_EQ(policy->max_age.count(), max_age) << text;
  }
}

TEST(StsPolicy, IsRefused) {
  for (const std::string text :
       {"", "<html>", "version: STSv2\nmode: none\nmax_age: 1\n", "mode: none\nmax_age: 1\n",
        "version: STSv1\nmax_age: 1\n", "version: STSv1\nmode: Enforce\nmx: a\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmax_age: 1\n", "version: STSv1\nmode: enforce\nmx:\nmax_age: 1\n",
        "version: STSv1\nmode: none\n", "version: STSv1\nmode: none\nmax_age: -1\n",
        "version: STSv1\nmode: none\nmax_age: 12345678901\n"}) {
    std::string why;
    EXPECT_FALSE(StsPolicy::Parse(text, why)) << text;
    EXPECT_FALSE(why.empty()) << text;
  }
}

TEST(StsPolicy, NamesHosts) {
  const StsPolicy policy{Mode::Enforce, {"mail.example.com", "*.example.net"}, {}};
  for (const auto* host : {"mail.example.com", "Mail.Example.Com", "a.example.net", "A.EXAMPLE.NET"})
    EXPECT_TRUE(policy.Names(host)) << host;
  for (const auto* host : {"", ".", "example.com", "a.mail.example.com", "example.net", "a.b.example.net",
                           ".example.net", "aexample.net", "mail.example.com.evil.example"})
    EXPECT_FALSE(policy.Names(host)) << host;
}

TEST(StsId, IsFound) {
  const struct {
    Strings records;
    std::string id;  // empty: none
  } cases[] = {
      {{"v=STSv1; id=20160831085700Z;"}, "20160831085700Z"},
      {{"v=STSv1;id=a"}, "a"},
      {{"v=STSv1 ; x=y; id = a ;"}, "a"},
      {{"v=spf1 -all", "v=STSv1; id=a;"}, "a"},
      {{"v=STSv1; id=a;", "v=STSv1; id=b;"}, ""},
      {{"v=STSv1; id=;"}, ""},
      {{"v=STSv1; id=a-b;"}, ""},
      {{"v=STSv1; id=" + std::string(33, 'a')}, ""},
      {{"v=STSv1;"}, ""},
      {{"v=STSv10; id=a"}, ""},
      {{"id=a; v=STSv1"}, ""},
      {{}, ""},
  };
  for (const auto& [records, id] : cases)
    EXPECT_EQ(mx::FindStsId(records).value_or(""), id) << (records.empty() ? "" : records[0]);
}

}  // namespace
