// SPDX-License-Identifier: BSD-2-Clause
#include "base/name_services.hxx"

#include <gtest/gtest.h>

namespace {

TEST(NameServices, AreReadAsTheCLibraryDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"passwd: files systemd\ngroup: files\n", "files systemd"},
      {"  passwd:files#x\n", "files"},
      {"passwd files\n", "files"},
      {"passwd_compat: nis\n", ""},
      {"# passwd: ldap\n", ""},
      {"passwd:\tfiles [NOTFOUND=return]  sss \n", "files [NOTFOUND=return]  sss"},
      {"passwd: files\npasswd: sss", "sss"},
      {"passwd:\n", ""},
      {"", ""},
  };
  for (const auto& [text, services] : cases)
    EXPECT_EQ(name_services::ServicesOf(text, "passwd"), services) << text;
}

TEST(NameServices, StopWhereOneDoesNotAnswer) {
  const std::string stops = " [UNAVAIL=return TRYAGAIN=return]";
  const std::pair<const char*, std::string> cases[] = {
      {"files", "files" + stops},
      {"files systemd", "files" + stops + " systemd" + stops},
      {"files [NOTFOUND=return] sss", "files [NOTFOUND=return] sss" + stops},
      {"files[!SUCCESS=continue] [UNAVAIL=continue]\tsss",
       "files [!SUCCESS=continue] [UNAVAIL=continue] sss" + stops},
      {"files [UNAVAIL", "files [UNAVAIL"},
      {"", ""},
  };
  for (const auto& [services, expected] : cases)
    EXPECT_EQ(name_services::WithStops(services), expected) << services;
}

TEST(NameServices, MayBeMissing) {
  EXPECT_EQ(name_services::FindMissing("files [NOTFOUND=return] dns"), "");
  EXPECT_EQ(name_services::FindMissing("files  nosuchservice[NOTFOUND=return] files"), "nosuchservice");
  EXPECT_EQ(name_services::FindMissing(""), "");
}

}  // namespace
