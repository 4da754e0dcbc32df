// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"
#include "mail/header.hxx"
#include "route/end.hxx"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace queue {

/// What a message's header says of its way: the traces that machines before this one have left, which show
/// that it goes round in circles, and whether TLS matters.
class Trace {
 public:
  static constexpr std::size_t kMaxReceived = 100;  ///< Received fields of others (RFC 5321 section 6.3)

  /// Delivered-To fields of one address. One is there as well where somebody takes a message from their
  /// mailbox and submits it again.
  static constexpr std::ptrdiff_t kRounds = 2;

  Trace() = default;
  explicit Trace(const mail::HeaderReader& header);

  /// Why the message goes no further, whoever it is for; empty if it may.
  [[nodiscard]] std::optional<mail::DeliveryResult> FindLoop() const;
  /// Why it does not go to @p end: it has been there kRounds times; empty if it may.
  [[nodiscard]] std::optional<mail::DeliveryResult> FindLoop(const route::End& end,
                                                             const std::string& hostname) const;
  /// "TLS-Required: No" (RFC 8689 section 3).
  [[nodiscard]] bool IsTlsOptional() const noexcept { return tls_optional_; }

 private:
  [[nodiscard]] bool HasBeenAt(const std::string& address) const noexcept;

  std::size_t received_ = 0;
  bool tls_optional_ = false;
  std::vector<std::string> delivered_to_;
};

}  // namespace queue
