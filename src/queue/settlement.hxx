// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/envelope.hxx"
#include "queue/environment.hxx"
#include "queue/message_log.hxx"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace queue {

/// What follows from the results of an attempt: failures that are to be reported, and what comes next.
class Settlement {
 public:
  /// @param settings, log outlive this, as what is in @p environment
  Settlement(const Environment& environment, const config::Settings& settings, MessageLog& log)
      : environment_(environment), settings_(settings), log_(log) {}

  /// Turns what is still deferred after Lifetime= into failures, but for what a relay keeps waiting that does
  /// not let us in: nobody but the administrator can do anything about that.
  void Expire(mail::Envelope& envelope, mail::Time now) const;

  /// @param notification is in the queue and durable. It must not leave before the envelope is stored that it
  ///   reports on
  using OnQueued = std::function<void(mail::Envelope notification)>;
  /// Puts a notification of failures that nobody has reported yet into the queue. Each who is to be told gets
  /// one, mostly the sender alone; as each is a commit, one call makes one. What has no sender who could be
  /// told is given to the postmaster, as one more recipient. It can be called again after a crash or an
  /// exception at any point, and queues each notification once.
  /// @return true if another one is to follow: call it again
  [[nodiscard]] bool Report(mail::Envelope& envelope, mail::Time now, const OnQueued& on_queued) const;

  /// What comes next for a message whose failures have been reported.
  enum class Next {
    Attempt,  ///< not every recipient is settled
    Removal,  ///< each was delivered, or whoever is to know of its failure does
    Hold,     ///< one has failed, and nobody has taken the report
  };
  [[nodiscard]] static Next WhatNext(const mail::Envelope& envelope);
  /// Holds a message that is to be held: says why. The envelope is not stored.
  static void Hold(mail::Envelope& envelope);
  /// Ends that: recipients whose failure nobody has been told are attempted once more. The envelope is not
  /// stored.
  static void Release(mail::Envelope& envelope);

 private:
  static void Expire(ResultLog& log, const std::string& recipient, const std::string& end,
                     std::optional<mail::DeliveryResult>& result);
  void QueueNotification(mail::Envelope& envelope, const std::string& sender,
                         std::vector<mail::Recipient> failed, mail::Time now,
                         const OnQueued& on_queued) const;

  const Environment& environment_;
  const config::Settings& settings_;
  MessageLog& log_;
};

/// The recipient of failures that nobody else can be told.
constexpr const char* kPostmaster = "root";

}  // namespace queue
