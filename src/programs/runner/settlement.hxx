// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/envelope.hxx"
#include "spool/queue.hxx"

#include <optional>
#include <string>
#include <vector>

namespace runner {

/// What follows from the results of an attempt: failures that are to be reported, and whether anything is
/// left to do.
class Settlement {
 public:
  Settlement(const spool::Queue& queue, const config::Settings& settings)
      : queue_(queue), settings_(settings) {}

  /// Turns what is still deferred after Lifetime= into failures, but for what a relay keeps waiting that does
  /// not let us in: nobody but the administrator can do anything about that.
  void Expire(mail::Envelope& envelope, mail::Time now) const;

  /// Puts notifications of failures that nobody has reported yet into the queue: one for each who is to be
  /// told, mostly the sender alone. It can be called again after a crash at any point, and queues each of
  /// them once.
  /// @return the notifications' envelopes
  [[nodiscard]] std::vector<mail::Envelope> Report(mail::Envelope& envelope, mail::Time now) const;

 private:
  static void Expire(const mail::Envelope& envelope, const std::string& recipient, const std::string& end,
                     std::optional<mail::DeliveryResult>& result);
  void GiveToPostmaster(mail::Envelope& envelope) const;
  [[nodiscard]] mail::Envelope QueueNotification(mail::Envelope& envelope, const std::string& sender,
                                                 std::vector<mail::Recipient> failed, mail::Time now) const;

  const spool::Queue& queue_;
  const config::Settings& settings_;
};

/// A new queue ID.
[[nodiscard]] mail::QueueId NewQueueId(mail::Time now);

}  // namespace runner
