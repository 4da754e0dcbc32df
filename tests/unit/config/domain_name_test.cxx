// SPDX-License-Identifier: BSD-2-Clause
#include "config/domain_name.hxx"

#include <gtest/gtest.h>

#include <string>

using namespace std::string_literals;
using config::IsDomainName;

TEST(DomainName, TakesWhatDnsCanCarry) {
  for (const auto& name : {"localhost"s, "example.org"s, "a-b.c_d.Example"s, "1and1.de"s,
                           "xn--bcher-kva.example"s, std::string(63, 'a') + ".org"})
    EXPECT_TRUE(IsDomainName(name)) << name;
}

TEST(DomainName, RefusesTheRest) {
  for (const auto& name :
       {""s, "."s, "a."s, ".a"s, "a..b"s, "-a"s, "a-.b"s, "a b"s, "b\xc3\xbc"s, "a\0b"s, "127.0.0.1"s, "25"s,
        "[::1]"s, "a/b"s, "a@b"s, std::string(64, 'a'), std::string(300, 'a'), [] {
          std::string long_name = "a";
          while (long_name.size() <= 253) long_name += ".a";
          return long_name;
        }()})
    EXPECT_FALSE(IsDomainName(name)) << name;
}
