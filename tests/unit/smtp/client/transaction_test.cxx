// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/transaction.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace {

using smtp::Place;
using smtp::Reply;
using smtp::Transaction;

mail::Envelope MakeEnvelope(std::size_t recipients) {
  mail::Envelope envelope;
  envelope.sender = "a@example.org";
  for (std::size_t i = 0; i < recipients; ++i)
    envelope.recipients.emplace_back().address = "r" + std::to_string(i) + "@example.net";
  return envelope;
}

std::vector<std::size_t> All(const mail::Envelope& envelope) {
  std::vector<std::size_t> indices(envelope.recipients.size());
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

std::size_t CountLines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

// What a server that accepts everything but recipients whose number ends in 7 says.
Reply Answer(Place place, std::size_t recipient) {
  if (place == Place::Data) return {354, {"go on"}};
  if (place == Place::Rcpt && recipient % 10 == 7) return {550, {"5.1.1 no"}};
  return {250, {"ok"}};
}

TEST(Transaction, NeverRunsFarAheadOfTheReplies) {
  const auto envelope = MakeEnvelope(1000);
  smtp::Extensions extensions;
  extensions.pipelining = true;
  const smtp::Message message{envelope, 1, false};
  Transaction transaction(message, All(envelope), extensions, false);
  std::string out;
  transaction.Start(out);
  std::size_t sent = CountLines(out);
  std::size_t answered = 0;
  std::size_t recipient = 0;
  while (transaction.GetState() == Transaction::State::Reply) {
    ASSERT_LE(sent - answered, Transaction::kWindow);
    ASSERT_GT(sent, answered);
    const auto place = transaction.Expects();
    out.clear();
    transaction.OnReply(Answer(place, recipient), out);
    recipient += place == Place::Rcpt ? 1 : 0;
    sent += CountLines(out);
    ++answered;
  }
  EXPECT_EQ(transaction.GetState(), Transaction::State::Text);
  EXPECT_EQ(sent, 1002U);
  transaction.OnTextSent();
  transaction.OnReply({250, {"queued"}}, out);
  ASSERT_EQ(transaction.GetState(), Transaction::State::Done);
  EXPECT_TRUE(transaction.IsReusable());
  const auto results = transaction.TakeResults();
  ASSERT_EQ(results.size(), 1000U);
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i].value().outcome, i % 10 == 7 ? mail::Outcome::Failed : mail::Outcome::Delivered)
        << i;
}

TEST(Transaction, BoundsTheOctetsOfAGroup) {
  auto envelope = MakeEnvelope(100);
  for (auto& recipient : envelope.recipients) recipient.address = std::string(900, 'x') + "@example.net";
  smtp::Extensions extensions;
  extensions.pipelining = true;
  const smtp::Message message{envelope, 1, false};
  Transaction transaction(message, All(envelope), extensions, false);
  std::string out;
  transaction.Start(out);
  EXPECT_LE(out.size(), Transaction::kMaxBurst + 1000);
}

TEST(Transaction, KnowsWhetherTheServerHasDealtWithIt) {
  struct Case {
    std::optional<Reply> reply;
    bool untouched;
  };
  const Case cases[] = {{std::nullopt, true},
                        {Reply{421, {"bye"}}, true},
                        {Reply{450, {"no"}}, false},
                        {Reply{250, {"ok"}}, false}};
  const auto envelope = MakeEnvelope(1);
  const smtp::Message message{envelope, 1, false};
  const smtp::Extensions none;
  for (const auto& test : cases) {
    Transaction transaction(message, All(envelope), none, false);
    std::string out;
    transaction.Start(out);
    if (test.reply) transaction.OnReply(*test.reply, out);
    transaction.OnLost(mail::Deferred("4.4.2", "lost"));
    EXPECT_EQ(transaction.IsUntouched(), test.untouched) << (test.reply ? test.reply->code : 0);
    EXPECT_FALSE(transaction.IsReusable());
    EXPECT_EQ(transaction.TakeResults()[0].value().outcome, mail::Outcome::Deferred);
  }
}

}  // namespace
