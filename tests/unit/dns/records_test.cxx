// SPDX-License-Identifier: BSD-2-Clause
#include "dns/records.hxx"

#include <gtest/gtest.h>

namespace {

using namespace std::string_literals;

TEST(Records, ParsesMx) {
  EXPECT_EQ(dns::ParseMx("\1\2\2mx\7example\0"s), (dns::MxRecord{258, "mx.example"}));
  EXPECT_EQ(dns::ParseMx("\0\0\0"s), (dns::MxRecord{0, "."}));
  for (const auto& bad : {""s, "\0"s, "\0\1"s, "\0\1\2mx"s, "\0\1\2mx\0more"s})
    EXPECT_FALSE(dns::ParseMx(bad)) << bad;
}

TEST(Records, ParsesTlsa) {
  EXPECT_EQ(dns::ParseTlsa("\3\1\1digest"s), (dns::TlsaRecord{3, 1, 1, "digest"}));
  EXPECT_EQ(dns::ParseTlsa("\xff\xfe\xfd\0"s), (dns::TlsaRecord{255, 254, 253, "\0"s}));
  for (const auto& bad : {""s, "\3\1"s, "\3\1\1"s}) EXPECT_FALSE(dns::ParseTlsa(bad)) << bad;
}

TEST(Records, JoinsTheStringsOfTxt) {
  EXPECT_EQ(dns::ParseTxt("\3v=S\0\5TSv1;"s), "v=STSv1;");
  EXPECT_EQ(dns::ParseTxt(""), "");
  for (const auto& bad : {"\3ab"s, "\3abc\1"s}) EXPECT_FALSE(dns::ParseTxt(bad)) << bad;
}

TEST(Records, ParsesAddresses) {
  EXPECT_EQ(dns::ParseAddress("\x7f\0\0\1"s), asio::ip::make_address("127.0.0.1"));
  EXPECT_EQ(dns::ParseAddress("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"s),
            asio::ip::make_address("2001:db8::1"));
  for (const auto& bad : {""s, "abc"s, "abcde"s}) EXPECT_FALSE(dns::ParseAddress(bad)) << bad;
}

}  // namespace
