// SPDX-License-Identifier: BSD-2-Clause
#include "mx/dane.hxx"

#include "nameserver/name_server.hxx"
#include "unit/await.hxx"

#include <gtest/gtest.h>

namespace {

using mx::DaneVerdict;
using Kind = DaneVerdict::Kind;

TEST(TlsaRecord, IsUsableOrNot) {
  const std::string sha256(32, 'x'), sha512(64, 'x');
  for (const dns::TlsaRecord& record :
       {dns::TlsaRecord{3, 1, 1, sha256}, dns::TlsaRecord{2, 0, 2, sha512}, dns::TlsaRecord{3, 0, 0, "x"}})
    EXPECT_TRUE(mx::IsUsable(record)) << int(record.usage);
  for (const dns::TlsaRecord& record :
       {dns::TlsaRecord{0, 1, 1, sha256}, dns::TlsaRecord{1, 1, 1, sha256}, dns::TlsaRecord{4, 1, 1, sha256},
        dns::TlsaRecord{3, 2, 1, sha256}, dns::TlsaRecord{3, 1, 3, sha256}, dns::TlsaRecord{3, 1, 1, sha512},
        dns::TlsaRecord{3, 1, 2, sha256}, dns::TlsaRecord{3, 1, 0, ""}})
    EXPECT_FALSE(mx::IsUsable(record)) << int(record.usage);
}

// TLSA records of hosts, asked for at port 25.
class DaneTest : public testing::Test {
 protected:
  static std::string Tlsa(const std::string& host, const std::string& parameters, char digit) {
    return "_25._tcp." + host + ". TLSA " + parameters + " " + std::string(64, digit) + "\n";
  }
  DaneVerdict Find(const std::string& host, bool named_securely = true) {
    dns::MailHost mail_host{host, 10, {}};
    mail_host.found = Await(context_, resolver_.FindAddresses({host}, dns::Trust::Validated)).front();
    return Await(context_, mx::FindDane(resolver_, mail_host, named_securely, 25));
  }

  asio::io_context context_;
  NameServer server_{
      {.root = "usable.example. A 192.0.2.1\n" + Tlsa("usable.example", "3 1 1", 'a') +
               Tlsa("usable.example", "1 1 1", 'b') + "none.example. A 192.0.2.1\n" +
               "unusable.example. A 192.0.2.1\n" + Tlsa("unusable.example", "0 1 1", 'a') +
               "forged.example. A 192.0.2.1\n" + Tlsa("forged.example", "3 1 1", 'c') +
               "alias.example. CNAME usable.example.\n" + Tlsa("alias.example", "3 1 1", 'd') +
               "own.example. CNAME none.example.\n" + Tlsa("own.example", "3 1 1", 'e') +
               "out.example. CNAME mx.plain.\n" + Tlsa("out.example", "3 1 1", 'f') + "",
       .forged = {{std::string(64, 'c'), std::string(64, '0')}},
       .plain_zones = {{"plain.", "mx.plain. A 192.0.2.1\n" + Tlsa("mx.plain", "3 1 1", 'a')}}}};
  dns::Resolver resolver_{context_.get_executor(),
                          {server_.ResolvConf(), server_.Directory() + "/hosts", server_.Anchor(),
                           server_.Port(), std::chrono::seconds(20)},
                          [](const std::string&) {}};
};

TEST_F(DaneTest, FindsWhatIsSigned) {
  const struct {
    const char* host;
    Kind kind;
    const char* base;
  } cases[] = {
      {"usable.example", Kind::Usable, "usable.example"},
      {"none.example", Kind::None, ""},
      {"unusable.example", Kind::Unusable, "unusable.example"},
      {"forged.example", Kind::Broken, ""},
      {"alias.example", Kind::Usable, "usable.example"},
      {"own.example", Kind::Usable, "own.example"},
      {"out.example", Kind::Usable, "out.example"},
      {"mx.plain", Kind::None, ""},
  };
  for (const auto& [host, kind, base] : cases) {
    const auto verdict = Find(host);
    EXPECT_EQ(verdict.kind, kind) << host << verdict.why;
    EXPECT_EQ(verdict.base, base) << host;
    EXPECT_EQ(verdict.records.size(), kind == Kind::Usable ? 1U : 0U) << host;
    EXPECT_EQ(verdict.why.empty(), kind != Kind::Broken) << host;
  }
}

TEST_F(DaneTest, FindsNothingWhereTheHostsNameIsNotSigned) {
  EXPECT_EQ(Find("usable.example", false).kind, Kind::None);
}

}  // namespace
