// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "mail/delivery_result.hxx"
#include "route/end.hxx"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace runner {

/// The traces that machines before this one have left in a message's header: what shows that it goes round in
/// circles.
class Trace {
 public:
  static constexpr std::size_t kMaxReceived = 100;  ///< Received fields (RFC 5321 section 6.3)

  Trace() = default;
  /// @param message read up to the end of its header. Throws std::system_error.
  [[nodiscard]] static Trace Read(FdRef message);

  /// Why the message goes no further, whoever it is for; empty if it may.
  [[nodiscard]] std::optional<mail::DeliveryResult> FindLoop() const;
  /// Why it does not go to @p end: it has been there; empty if it may.
  [[nodiscard]] std::optional<mail::DeliveryResult> FindLoop(const route::End& end,
                                                             const std::string& hostname) const;

 private:
  [[nodiscard]] bool HasBeenAt(const std::string& address) const noexcept;

  std::size_t received_ = 0;
  std::vector<std::string> delivered_to_;
};

}  // namespace runner
