// SPDX-License-Identifier: BSD-2-Clause
#include "config/nearest.hxx"

#include <gtest/gtest.h>

#include <string>

TEST(FindNearest, FindsMisspellings) {
  const std::vector<std::string_view> names = {"Hostname", "Domain", "LocalDomains"};
  EXPECT_EQ(config::FindNearest("hostname", names), "Hostname");
  EXPECT_EQ(config::FindNearest("HostName", names), "Hostname");
  EXPECT_EQ(config::FindNearest("Domains", names), "Domain");
  EXPECT_EQ(config::FindNearest("LocalDomain", names), "LocalDomains");
  EXPECT_EQ(config::FindNearest("Hsotname", names), "Hostname");
  EXPECT_EQ(config::FindNearest("Colour", names), "");
  EXPECT_EQ(config::FindNearest("", names), "");
  EXPECT_EQ(config::FindNearest(std::string(1000000, 'x'), names), "");
  EXPECT_EQ(config::FindNearest("x", {}), "");
}
