// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "programs/runner/shares.hxx"
#include "service/journal.hxx"

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

/// The story of each message in the journal, each record with the field MAILQUEUE_ID.
namespace runner {

void LogTaken(const mail::Envelope& envelope);
/// @param what "returned to its sender", …
void LogStep(int priority, const mail::Envelope& envelope, std::string_view what);

/// Whose share of the lines those about a submitter's mail are on: see Submitters. Until it is set, each uid
/// has one.
/// @param share_of empty: as in the beginning
void SetLogShares(std::function<uid_t(uid_t)> share_of);

/// Writes a record about mail of @p submitter, or counts it where that is more than their share.
void LogFor(uid_t submitter, int priority, std::string_view text,
            std::span<const service::JournalField> fields);

/// The results of one message: those that are equal and come one behind the other share a record.
class ResultLog {
 public:
  static constexpr std::size_t kMaxSize =
      2000;  ///< octets of recipients in a record; then the next one begins

  /// @param envelope outlives it
  explicit ResultLog(const mail::Envelope& envelope) noexcept : envelope_(envelope) {}
  ~ResultLog() { Flush(); }
  ResultLog(const ResultLog&) = delete;
  ResultLog& operator=(const ResultLog&) = delete;

  /// @param recipient as submitted
  /// @param end where that led to: the same, or another address
  void Add(const std::string& recipient, const std::string& end, const mail::DeliveryResult& result);

 private:
  void Flush();

  const mail::Envelope& envelope_;
  mail::DeliveryResult result_;
  std::vector<std::string> recipients_;
  std::vector<std::string> ends_;
  std::string text_;
  std::size_t size_ = 0;  ///< of text_, about
};

/// Divides the lines that the journal takes from the service among those whose mail they are about. Otherwise
/// one user's burst has the journal drop what is said of others: its limit (LogRateLimitBurst= in the unit)
/// is for the service as a whole.
class LogShares {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kPeriod{30};  ///< LogRateLimitIntervalSec=
  static constexpr std::size_t kLines =
      36000;  ///< of LogRateLimitBurst=, which has some for the service itself
  static constexpr std::size_t kRootsLines = 4000;

  /// As SetLogShares.
  void DivideBy(std::function<uid_t(uid_t)> share_of) { share_of_ = std::move(share_of); }
  /// Counts a line.
  [[nodiscard]] bool MayLog(uid_t submitter, Clock::time_point now);
  /// How many were left out, of which share, if the period is over.
  [[nodiscard]] std::map<uid_t, std::size_t> TakeLeftOut(Clock::time_point now);

 private:
  std::function<uid_t(uid_t)> share_of_{};
  Clock::time_point begin_{};
  Shares lines_{kLines, kRootsLines};
  std::map<uid_t, std::size_t> left_out_;
};

}  // namespace runner
