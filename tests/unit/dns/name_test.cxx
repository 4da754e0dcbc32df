// SPDX-License-Identifier: BSD-2-Clause
#include "dns/name.hxx"

#include <gtest/gtest.h>

namespace {

using namespace std::string_literals;

TEST(Name, HasAnAsciiForm) {
  const std::string label(63, 'a');
  const struct {
    std::string name;
    std::optional<std::string> ascii;
  } cases[] = {
      {"Example.ORG", "example.org"},
      {"example.org.", "example.org"},
      {"_25._tcp.mx.example", "_25._tcp.mx.example"},
      {"bücher.example", "xn--bcher-kva.example"},
      {"BÜCHER.example", "xn--bcher-kva.example"},
      {"straße.example", "xn--strae-oqa.example"},  // transitional: strasse
      {"bu\u0308cher.example", "xn--bcher-kva.example"},
      {label + ".example", label + ".example"},
      {label + "a.example", std::nullopt},
      {label + "." + label + "." + label + "." + label, std::nullopt},
      {"", std::nullopt},
      {".", std::nullopt},
      {"a..example", std::nullopt},
      {".example", std::nullopt},
      {"a b.example", std::nullopt},
      {"a\0b.example"s, std::nullopt},
      {"a\\b.example", std::nullopt},
      {"\xff.example", std::nullopt},
      {"☃\u2024.example", std::nullopt},
  };
  for (const auto& [name, ascii] : cases) EXPECT_EQ(dns::ToAscii(name), ascii) << name;
}

TEST(Name, KnowsTheNamesOfThisMachine) {
  for (const auto* name : {"localhost", "LocalHost", "a.localhost"})
    EXPECT_TRUE(dns::IsLocalhost(name)) << name;
  for (const auto* name : {"", "host", "alocalhost", "localhost.example"})
    EXPECT_FALSE(dns::IsLocalhost(name)) << name;
}

TEST(Name, IsTakenFromWireFormat) {
  const struct {
    std::string rdata;
    std::optional<std::string> name;
    std::string rest;
  } cases[] = {
      {"\2mx\7Example\0"s, "mx.Example", ""},
      {"\2mx\0more"s, "mx", "more"},
      {"\0"s, ".", ""},
      {"", std::nullopt, ""},
      {"\2mx", std::nullopt, ""},
      {"\2mx\7Exa", std::nullopt, ""},
      {"\xc0\x0c"s, std::nullopt, ""},
      {"\3a.b\0"s, std::nullopt, ""},
      {"\3a\nb\0"s, std::nullopt, ""},
      {"\3a\0b\0"s, std::nullopt, ""},
  };
  for (const auto& [rdata, name, rest] : cases) {
    std::string_view left = rdata;
    EXPECT_EQ(dns::TakeWireName(left), name) << rdata;
    if (name) {
      EXPECT_EQ(left, rest) << rdata;
    }
  }
  std::string long_name;
  for (int i = 0; i < 5; ++i) long_name += '\x3f' + std::string(63, 'a');
  long_name += '\0';
  std::string_view left = long_name;
  EXPECT_FALSE(dns::TakeWireName(left));
}

}  // namespace
