// SPDX-License-Identifier: BSD-2-Clause
#include "dns/system_files.hxx"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace {

using Strings = std::vector<std::string>;

TEST(SystemFiles, NamesTheServers) {
  const struct {
    std::string text;
    Strings servers;
  } cases[] = {
      {"nameserver 192.0.2.1\nnameserver 2001:db8::1\n", {"192.0.2.1", "2001:db8::1"}},
      {"# x\nsearch example.org\n\tnameserver\t192.0.2.1 # mine\n", {"192.0.2.1"}},
      {"nameserver fe80::1%1", {"fe80::1%1"}},
      {"nameserver fe80::1%\x1b\n", {"127.0.0.1"}},
      {"", {"127.0.0.1"}},
      {"nameserver\nnameserver example.org\n#nameserver 192.0.2.1\n;nameserver 192.0.2.1\n", {"127.0.0.1"}},
  };
  for (const auto& [text, servers] : cases) EXPECT_EQ(dns::ParseResolvConf(text), servers) << text;
  std::string many;
  for (std::size_t i = 0; i <= dns::kMaxServers; ++i) many += "nameserver 192.0.2.1\n";
  EXPECT_EQ(dns::ParseResolvConf(many).size(), dns::kMaxServers);
}

TEST(SystemFiles, SayWhereANameIsSearched) {
  using Names = std::vector<std::string>;
  const auto names = [](const char* text, const std::string& host, const char* machine = "web1") {
    return dns::ParseSearch(text, machine).NamesFor(host);
  };
  EXPECT_EQ(names("search example.test b.test.\n", "mail"),
            (Names{"mail.example.test", "mail.b.test", "mail"}));
  EXPECT_EQ(names("search example.test\n", "mail.example.org"),
            (Names{"mail.example.org", "mail.example.org.example.test"}));
  EXPECT_EQ(names("search example.test\n", "mail."), Names{"mail."});
  EXPECT_EQ(names("search a.test\ndomain b.test\n", "mail"), (Names{"mail.b.test", "mail"}))
      << "the last one counts";
  EXPECT_EQ(names("options rotate ndots:2\nsearch a.test\n", "x.y"), (Names{"x.y.a.test", "x.y"}));
  EXPECT_EQ(names("nameserver 192.0.2.1\n", "mail", "web1.example.org"), (Names{"mail.example.org", "mail"}));
  EXPECT_EQ(names("search .\n", "mail", "web1.example.org"), Names{"mail"});
  EXPECT_EQ(names("", "mail"), Names{"mail"});
}

TEST(SystemFiles, FindsAHost) {
  const std::string text =
      "127.0.0.1 localhost\n"
      "# 192.0.2.9 mail.example\n"
      "192.0.2.1\tmail.example mail # 192.0.2.3 other\n"
      "2001:db8::1 MAIL.example\n"
      "192.0.2.1 mail.example\n"
      "nonsense mail.example\n";
  const std::vector both = {asio::ip::make_address("192.0.2.1"), asio::ip::make_address("2001:db8::1")};
  EXPECT_EQ(dns::FindInHosts(text, "Mail.Example"), both);
  EXPECT_EQ(dns::FindInHosts(text, "mail"), std::vector{both[0]});
  for (const auto* name : {"", "192.0.2.1", "other", "mail.example.org"})
    EXPECT_TRUE(dns::FindInHosts(text, name).empty()) << name;
}

TEST(SystemFiles, TellsAFileThatHasChanged) {
  const auto path = testing::TempDir() + "system_files_test";
  std::ofstream(path) << "a";
  const auto before = dns::FingerprintOf(path);
  EXPECT_EQ(dns::FingerprintOf(path), before);
  EXPECT_EQ(dns::TextOfFile(path), "a");
  std::ofstream(path + ".new") << "b";
  std::rename((path + ".new").c_str(), path.c_str());
  EXPECT_NE(dns::FingerprintOf(path), before);
  std::remove(path.c_str());
  EXPECT_EQ(dns::FingerprintOf(path), "");
  EXPECT_EQ(dns::TextOfFile(path), "");
}

}  // namespace
