// SPDX-License-Identifier: BSD-2-Clause
#include "bus/message_status.hxx"

#include <gtest/gtest.h>

namespace {

mail::Envelope MakeEnvelope(std::size_t waiting) {
  mail::Envelope envelope;
  envelope.sender = "alice";
  envelope.submitter = 1000;
  envelope.message_size = 5;
  envelope.attempts = 2;
  envelope.recipients.resize(waiting, {.address = "w", .result = {}, .notify = {}, .original = {}});
  return envelope;
}

}  // namespace

TEST(MessageStatus, TellsOpenRecipientsOnly) {
  auto envelope = MakeEnvelope(1);
  envelope.recipients.push_back(
      {.address = "d", .result = mail::Deferred("4.4.1", "later"), .notify = {}, .original = {}});
  envelope.recipients.push_back(
      {.address = "ok", .result = mail::Delivered("2.0.0", "ok"), .notify = {}, .original = {}});
  envelope.recipients.push_back({.address = "gone",
                                 .result = mail::Failed("5.1.1", "no"),
                                 .reported = true,
                                 .notify = {},
                                 .original = {}});
  const auto status = bus::MakeStatus(envelope, bus::State::Deferred);
  EXPECT_EQ(status.id, envelope.id.View());
  EXPECT_EQ(status.sender, "alice");
  EXPECT_EQ(status.submitter, 1000U);
  EXPECT_EQ(status.size, 5U);
  EXPECT_EQ(status.attempts, 2U);
  EXPECT_EQ(status.state, "deferred");
  EXPECT_EQ(status.open_recipients, 2U);
  ASSERT_EQ(status.recipients.size(), 2U);
  EXPECT_EQ(status.recipients[0].state, "waiting");
  EXPECT_EQ(status.recipients[0].status, "");
  EXPECT_EQ(status.recipients[1].address, "d");
  EXPECT_EQ(status.recipients[1].state, "deferred");
  EXPECT_EQ(status.recipients[1].status, "4.4.1");
  EXPECT_EQ(status.recipients[1].text, "later");
}

TEST(MessageStatus, ListsALimitedNumberOfRecipients) {
  const auto status = bus::MakeStatus(MakeEnvelope(1500), bus::State::Queued);
  EXPECT_EQ(status.open_recipients, 1500U);
  EXPECT_EQ(status.recipients.size(), bus::MessageStatus::kMaxRecipients);
}

TEST(MessageStatus, StatesHaveNames) {
  EXPECT_EQ(bus::ToString(bus::State::Queued), "queued");
  EXPECT_EQ(bus::ToString(bus::State::Active), "active");
  EXPECT_EQ(bus::ToString(bus::State::Deferred), "deferred");
}

TEST(MessageStatus, OfAHeldMessageTellsWhyAndWhatHasFailed) {
  auto envelope = MakeEnvelope(0);
  envelope.held = "nobody has it";
  envelope.recipients.push_back(
      {.address = "root", .result = mail::Failed("5.1.1", "no"), .notify = {}, .original = {}});
  envelope.recipients.push_back(
      {.address = "ok", .result = mail::Delivered("2.0.0", "ok"), .notify = {}, .original = {}});
  const auto status = bus::MakeStatus(envelope, bus::State::Held);
  EXPECT_EQ(status.state, "held");
  EXPECT_EQ(status.reason, "nobody has it");
  EXPECT_EQ(status.open_recipients, 1U);
  ASSERT_EQ(status.recipients.size(), 1U);
  EXPECT_EQ(status.recipients[0].state, "failed");
  EXPECT_EQ(bus::MakeStatus(envelope, bus::State::Deferred).open_recipients, 0U);
}
