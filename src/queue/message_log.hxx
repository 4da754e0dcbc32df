// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "queue/clock.hxx"
#include "queue/log.hxx"
#include "queue/shares.hxx"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace queue {

/// Divides the lines that the journal takes from the service among those whose mail they are about. Otherwise
/// one user's burst has the journal drop what is said of others: its limit (LogRateLimitBurst= in the unit)
/// is for the service as a whole.
class LogShares {
 public:
  static constexpr std::chrono::seconds kPeriod{30};  ///< LogRateLimitIntervalSec=
  static constexpr std::size_t kLines =
      36000;  ///< of LogRateLimitBurst=, which has some for the service itself
  static constexpr std::size_t kRootsLines = 4000;

  /// @param share_of as MessageLog has it
  explicit LogShares(std::function<uid_t(uid_t)> share_of = {}) : share_of_(std::move(share_of)) {}

  /// Counts a line.
  [[nodiscard]] bool MayLog(uid_t submitter, BootTime now);
  /// How many were left out, of which share, if the period is over.
  [[nodiscard]] std::map<uid_t, std::size_t> TakeLeftOut(BootTime now);

 private:
  std::function<uid_t(uid_t)> share_of_;
  BootTime begin_{};
  Shares lines_{kLines, kRootsLines};
  std::map<uid_t, std::size_t> left_out_;
};

/// What happens to each message, in the log, each record with the field MAILQUEUE_ID.
class MessageLog {
 public:
  /// @param log, clock outlive this
  /// @param share_of whose share of the lines those about a submitter's mail are on: see Submitters. Empty:
  /// each uid has one
  MessageLog(Log& log, const Clock& clock, std::function<uid_t(uid_t)> share_of = {})
      : log_(log), clock_(clock), lines_(std::move(share_of)) {}

  /// The message has come into the queue.
  void Taken(const mail::Envelope& envelope);
  /// @param what "returned to its sender", …
  void Step(int priority, const mail::Envelope& envelope, std::string_view what);
  /// Writes a record about mail of @p submitter, or counts it where that is more than their share.
  void Write(uid_t submitter, int priority, std::string_view text, std::span<const Log::Field> fields);

 private:
  Log& log_;
  const Clock& clock_;
  LogShares lines_;
};

/// The results of one message: those that are equal and come one behind the other share a record.
class ResultLog {
 public:
  static constexpr std::size_t kMaxSize =
      2000;  ///< octets of recipients in a record; then the next one begins

  /// @param log, envelope outlive it
  ResultLog(MessageLog& log, const mail::Envelope& envelope) noexcept : log_(log), envelope_(envelope) {}
  ~ResultLog() { Flush(); }
  ResultLog(const ResultLog&) = delete;
  ResultLog& operator=(const ResultLog&) = delete;

  /// @param recipient as submitted
  /// @param end where that led to: the same, or another address
  void Add(const std::string& recipient, const std::string& end, const mail::DeliveryResult& result);

 private:
  void Flush();

  MessageLog& log_;
  const mail::Envelope& envelope_;
  mail::DeliveryResult result_;
  std::vector<std::string> recipients_;
  std::vector<std::string> ends_;
  std::string text_;
  std::size_t size_ = 0;  ///< of text_, about
};

}  // namespace queue
