// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/judge.hxx"

#include <gtest/gtest.h>

namespace {

using mail::Outcome;
using smtp::Place;
using smtp::Reply;

TEST(Judge, GoesByCodeAndPlace) {
  struct Case {
    Place place;
    int code;
    std::string text;
    Outcome outcome;
    std::string status;
  };
  const Case cases[] = {
      {Place::Greeting, 554, "5.7.1 no", Outcome::Deferred, "4.7.1"},
      {Place::Hello, 550, "no", Outcome::Deferred, "4.0.0"},
      {Place::StartTls, 554, "no", Outcome::Deferred, "4.7.0"},
      {Place::Auth, 535, "no", Outcome::Deferred, "4.7.8"},
      {Place::Auth, 534, "5.7.9 no", Outcome::Deferred, "4.7.9"},
      {Place::Mail, 250, "ok", Outcome::Delivered, "2.0.0"},
      {Place::Mail, 550, "no", Outcome::Failed, "5.1.0"},
      {Place::Mail, 530, "5.7.0 log in", Outcome::Deferred, "4.7.0"},
      {Place::Mail, 421, "later", Outcome::Deferred, "4.3.2"},
      {Place::Mail, 354, "what", Outcome::Deferred, "4.0.0"},
      {Place::Rcpt, 250, "ok", Outcome::Delivered, "2.1.5"},
      {Place::Rcpt, 251, "2.1.5 forwarded", Outcome::Delivered, "2.1.5"},
      {Place::Rcpt, 450, "busy", Outcome::Deferred, "4.2.0"},
      {Place::Rcpt, 450, "4.7.8 no", Outcome::Deferred, "4.7.0"},
      {Place::Rcpt, 535, "what", Outcome::Failed, "5.7.0"},
      {Place::Rcpt, 452, "4.5.3 too many", Outcome::Deferred, "4.5.3"},
      {Place::Rcpt, 550, "no", Outcome::Failed, "5.1.1"},
      {Place::Rcpt, 550, "4.7.1 codes that disagree", Outcome::Failed, "5.1.1"},
      {Place::Rcpt, 552, "full", Outcome::Failed, "5.2.2"},
      {Place::Rcpt, 552, "5.5.3 too many", Outcome::Deferred, "4.5.3"},
      {Place::Data, 554, "no", Outcome::Failed, "5.0.0"},
      {Place::Data, 250, "what", Outcome::Deferred, "4.0.0"},
      {Place::Text, 250, "2.6.0 ok", Outcome::Delivered, "2.6.0"},
      {Place::Text, 451, "no", Outcome::Deferred, "4.3.0"},
      {Place::Text, 552, "big", Outcome::Failed, "5.3.4"},
      {Place::Text, 354, "what", Outcome::Deferred, "4.0.0"},
  };
  for (const auto& test : cases) {
    const auto result = Judge(Reply{test.code, {test.text}}, test.place);
    const auto label = std::string(ToString(test.place)) + ": " + std::to_string(test.code) + " " + test.text;
    EXPECT_EQ(result.outcome, test.outcome) << label;
    EXPECT_EQ(result.status, test.status) << label;
    EXPECT_EQ(result.text, std::to_string(test.code) + " " + test.text);
  }
}

TEST(Judge, MakesAValidStatusOfTheRightClassForEveryCode) {
  for (int code = 200; code < 600; ++code) {
    for (const auto place : {Place::Greeting, Place::Hello, Place::StartTls, Place::Auth, Place::Mail,
                             Place::Rcpt, Place::Data, Place::Text, Place::Reset}) {
      const auto result = Judge(Reply{code, {""}}, place);
      const char digit = result.outcome == Outcome::Delivered ? '2'
                         : result.outcome == Outcome::Failed  ? '5'
                                                              : '4';
      EXPECT_TRUE(mail::IsEnhancedStatus(result.status)) << code << " " << result.status;
      EXPECT_EQ(result.status[0], digit) << code;
    }
  }
}

TEST(IsTooManyRecipients, BelievesTheStatusCodeFirst) {
  struct Case {
    smtp::Reply reply;
    bool too_many;
  };
  const Case cases[] = {
      {{452, {"too many recipients"}}, true},   {{552, {"too many recipients"}}, true},
      {{452, {"4.5.3 too many"}}, true},        {{550, {"5.5.3 too many"}}, true},
      {{450, {"4.5.3 too many"}}, true},        {{452, {"4.2.2 mailbox full"}}, false},
      {{552, {"5.2.2 mailbox full"}}, false},   {{550, {"no such user"}}, false},
      {{452, {"5.5.3 the wrong class"}}, true}, {{450, {"later"}}, false},
  };
  for (const auto& test : cases)
    EXPECT_EQ(smtp::IsTooManyRecipients(test.reply), test.too_many) << test.reply.ToString();
}

}  // namespace
