// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "tls/policy.hxx"
#include "tls/verdict.hxx"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <map>
#include <string>
#include <string_view>

namespace mx {

/// The result of an attempt to send mail over TLS to a domain's mail host (RFC 8460 section 4.3).
enum class TlsResult {
  Success,
  StartTlsNotSupported,
  CertificateHostMismatch,
  CertificateExpired,
  CertificateNotTrusted,
  ValidationFailure,  ///< anything else that went wrong with TLS
  DnssecInvalid,
  StsPolicyFetchError,
  StsPolicyInvalid,
  StsWebpkiInvalid,  ///< the certificate of the policy's web server
};

/// As the RFC spells them; "success" for the first.
[[nodiscard]] std::string_view ToString(TlsResult result) noexcept;
[[nodiscard]] std::string_view ToString(tls::PolicyType type) noexcept;

/// The result of a handshake that has failed.
/// @param verdict on the server's certificate
[[nodiscard]] TlsResult ResultOf(tls::Verdict verdict) noexcept;

/// Counts the attempts of each day (UTC), in files YYYY-MM-DD of a directory, a line each:
/// "DOMAIN POLICY-TYPE HOST RESULT COUNT", sorted; HOST is "-" where it was none's. They are what a report of
/// RFC 8460 is made of.
class TlsReport {
 public:
  static constexpr std::size_t kMaxLines = 10000;  ///< of a day; others are not counted
  static constexpr std::size_t kMaxDays = 32;      ///< older files are removed
  static constexpr std::chrono::minutes kWriteInterval{1};

  /// @param directory made if it is not there; empty: nothing is counted
  explicit TlsReport(std::string directory) : directory_(std::move(directory)) {}
  ~TlsReport();
  TlsReport(const TlsReport&) = delete;
  TlsReport& operator=(const TlsReport&) = delete;

  /// Counts one attempt. Written soon after, or when this is destroyed; not at all where it can't be: mail
  /// does not depend on it.
  void Count(const std::string& domain, tls::PolicyType type, const std::string& host, TlsResult result,
             std::time_t now) noexcept;
  /// Writes what has been counted. Throws std::system_error.
  void Write();

 private:
  using Clock = std::chrono::steady_clock;

  void Add(std::string line, std::time_t now);
  void Begin(std::string day);
  void RemoveOld() const;

  const std::string directory_;
  std::string day_;
  std::map<std::string, std::uint64_t> counts_;  // of that day, by the line without its count
  bool written_ = true;
  Clock::time_point written_at_{};
};

}  // namespace mx
