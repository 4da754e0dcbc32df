// SPDX-License-Identifier: BSD-2-Clause
#include "queue/returned_drop.hxx"

#include "unit/spool/spool_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using testing::HasSubstr;

namespace {

struct ReturnedDropTest : testing::Test {
  config::Settings settings;
  mail::Envelope envelope = MakeTestEnvelope(1);
  const mail::DeliveryResult result = mail::Failed("5.3.4", "too large");

  [[nodiscard]] std::optional<queue::ReturnedDrop> Make() const {
    return queue::MakeReturnedDrop(envelope, "Subject: x\n\nbody\n", result, settings, envelope.created);
  }
};

TEST_F(ReturnedDropTest, GoesToTheSenderUnderTheIdOfTheDrop) {
  const auto returned = Make();
  ASSERT_TRUE(returned);
  EXPECT_EQ(returned->envelope.id, envelope.id);
  EXPECT_EQ(returned->envelope.sender, "");
  EXPECT_EQ(returned->envelope.recipients.at(0).address, envelope.sender);
  EXPECT_THAT(returned->message, HasSubstr("too large"));
}

TEST_F(ReturnedDropTest, GoesToRootWithoutASender) {
  envelope.sender.clear();
  EXPECT_EQ(Make()->envelope.recipients.at(0).address, "root");
}

TEST_F(ReturnedDropTest, GoesToNobodyWhoWantsNone) {
  envelope.recipients[0].notify = "NEVER";
  EXPECT_FALSE(Make());
}

}  // namespace
