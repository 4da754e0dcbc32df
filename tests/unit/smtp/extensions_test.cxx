// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/extensions.hxx"

#include <gtest/gtest.h>

namespace {

using smtp::Extensions;

TEST(Extensions, AreReadInAnyCase) {
  const auto extensions = Extensions::Parse(
      {250,
       {"mx.example", "pipelining", "SIZE 1000", "8bitMIME", "StartTLS", "DSN", "SMTPUTF8", "XFOO bar"}});
  EXPECT_TRUE(extensions.pipelining);
  EXPECT_TRUE(extensions.size);
  EXPECT_TRUE(extensions.eight_bit_mime);
  EXPECT_TRUE(extensions.starttls);
  EXPECT_TRUE(extensions.dsn);
  EXPECT_TRUE(extensions.smtputf8);
}

TEST(Extensions, AreNoneWhereNoneAreOffered) {
  // The name of the server may look like one; so may what follows a keyword, or begins like one.
  const auto extensions = Extensions::Parse({250, {"PIPELINING", "XFOO STARTTLS", "DSNX", "", " "}});
  EXPECT_FALSE(extensions.pipelining);
  EXPECT_FALSE(extensions.starttls);
  EXPECT_FALSE(extensions.dsn);
  EXPECT_TRUE(extensions.auth.empty());
}

TEST(Extensions, CollectMechanismsOfBothSpellings) {
  const auto extensions = Extensions::Parse({250, {"mx", "AUTH PLAIN login", "AUTH=LOGIN CRAM-MD5"}});
  EXPECT_EQ(extensions.auth, (std::vector<std::string>{"PLAIN", "login", "CRAM-MD5"}));
  EXPECT_TRUE(extensions.HasAuth("LOGIN"));
  EXPECT_FALSE(extensions.HasAuth("CRAM"));
}

}  // namespace
