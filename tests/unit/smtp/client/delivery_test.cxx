// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/delivery.hxx"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace {

using smtp::Delivery;
using smtp::Place;
using smtp::Reply;
using smtp::Transaction;

/// A server that takes so many recipients a transaction, and keeps count of whom it has delivered to.
class Server {
 public:
  explicit Server(std::size_t limit) : limit_(limit) {}

  void Run(Delivery& delivery, std::string out) {
    while (delivery.GetState() != Transaction::State::Done) {
      if (delivery.GetState() == Transaction::State::Text) {
        delivery.OnTextSent();
        text_due_ = true;
      }
      Read(out);
      out.clear();
      delivery.OnReply(Answer(), out);
    }
  }

  std::map<std::string, unsigned> delivered;
  std::size_t asked = 0;
  std::size_t transactions = 0;

 private:
  void Read(std::string_view out) {
    for (; !out.empty(); out.remove_prefix(out.find('\n') + 1))
      commands_.emplace_back(out.substr(0, out.find('\r')));
  }

  Reply Answer() {
    if (std::exchange(text_due_, false)) {
      for (const auto& recipient : accepted_) ++delivered[recipient];
      return {250, {"taken"}};
    }
    const auto command = commands_.front();
    commands_.erase(commands_.begin());
    if (command == "DATA") return {354, {"go on"}};
    if (command.starts_with("MAIL")) {
      ++transactions;
      accepted_.clear();
      return {250, {"ok"}};
    }
    ++asked;
    if (accepted_.size() >= limit_) return {452, {"4.5.3 too many"}};
    accepted_.push_back(command);
    return {250, {"ok"}};
  }

  const std::size_t limit_;
  bool text_due_ = false;
  std::vector<std::string> commands_;
  std::vector<std::string> accepted_;
};

TEST(Delivery, ReachesEachRecipientOnceWhateverTheLimit) {
  mail::Envelope envelope;
  envelope.sender = "a@example.org";
  for (std::size_t i = 0; i < 1000; ++i)
    envelope.recipients.emplace_back().address = "r" + std::to_string(i) + "@example.net";
  std::vector<std::size_t> all(envelope.recipients.size());
  std::iota(all.begin(), all.end(), 0);
  const smtp::Message message{envelope, 1, false};
  for (const bool pipelining : {false, true})
    for (std::size_t limit : {1U, 2U, 99U, 100U, 999U, 1000U, 5000U}) {
      smtp::Extensions extensions;
      extensions.pipelining = pipelining;
      smtp::Limits limits;
      Delivery delivery(message, all, extensions, false, limits);
      Server server(limit);
      std::string out;
      delivery.Start(out);
      server.Run(delivery, out);
      EXPECT_TRUE(delivery.IsReusable());
      const auto report = delivery.TakeReport();
      EXPECT_TRUE(report.untouched.empty());
      for (const auto& result : report.results) ASSERT_EQ(result.outcome, mail::Outcome::Delivered);
      EXPECT_EQ(server.delivered.size(), 1000U) << limit;
      for (const auto& [recipient, times] : server.delivered) EXPECT_EQ(times, 1U) << recipient;
      EXPECT_EQ(server.transactions, (1000 + limit - 1) / limit);
      EXPECT_LE(server.asked, 1000 + 2 * Transaction::kWindow)
          << "the limit is learned from the first transaction";
      EXPECT_EQ(limits.rcpt_max, limit < 1000 ? limit : smtp::Limits::kNone);
    }
}

TEST(Delivery, SettlesWhoCanNotBeAskedFor) {
  mail::Envelope envelope;
  envelope.recipients.emplace_back().address = "no address";
  const smtp::Message message{envelope, 1, false};
  smtp::Limits limits;
  const smtp::Extensions none;
  Delivery delivery(message, {0}, none, false, limits);
  std::string out;
  delivery.Start(out);
  EXPECT_EQ(out, "");
  ASSERT_EQ(delivery.GetState(), Transaction::State::Done);
  EXPECT_TRUE(delivery.IsReusable());
  EXPECT_EQ(delivery.TakeReport().results.at(0).outcome, mail::Outcome::Failed);
}

}  // namespace
