// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/extensions.hxx"

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

TEST(Extensions, LeaveOutWhatCantBeAMechanism) {
  const auto extensions = Extensions::Parse({250, {"mx", "AUTH LOGIN\x1b[31m PLA\rIN \xff CRAM-MD5"}});
  EXPECT_EQ(extensions.auth, (std::vector<std::string>{"CRAM-MD5"}));
}

TEST(Extensions, KnowTheLimits) {
  struct Case {
    const char* line;
    std::size_t mail_max, rcpt_max, rcpt_domain_max;
  };
  constexpr auto kNone = smtp::Limits::kNone;
  const Case cases[] = {
      {"LIMITS MAILMAX=5 RCPTMAX=20 RCPTDOMAINMAX=1", 5, 20, 1},
      {"limits  rcptmax=7  XFOO=1 Y", kNone, 7, kNone},
      {"LIMITS RCPTMAX=0 MAILMAX=x RCPTDOMAINMAX", kNone, kNone, kNone},
      {"LIMITS RCPTMAX=99999999999999999999999 MAILMAX=-1 =5", kNone, kNone, kNone},
      {"LIMITS RCPTMAX=20 RCPTMAX=10 RCPTMAX=30", kNone, 10, kNone},
      {"XLIMITS RCPTMAX=20", kNone, kNone, kNone},
      {"LIMITS", kNone, kNone, kNone},
  };
  for (const auto& test : cases) {
    const auto limits = Extensions::Parse({250, {"mx", test.line}}).limits;
    EXPECT_EQ(limits.mail_max, test.mail_max) << test.line;
    EXPECT_EQ(limits.rcpt_max, test.rcpt_max) << test.line;
    EXPECT_EQ(limits.rcpt_domain_max, test.rcpt_domain_max) << test.line;
  }
}

}  // namespace
