// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail {

/// The result of one attempt for one recipient. What is not understood is Deferred.
enum class Outcome { Delivered, Deferred, Failed };

[[nodiscard]] std::string_view ToString(Outcome outcome) noexcept;
[[nodiscard]] std::optional<Outcome> ParseOutcome(std::string_view text) noexcept;

/// The result of a delivery attempt for one recipient (RFC 3464 section 2.3).
struct DeliveryResult {
  Outcome outcome = Outcome::Deferred;
  std::string status = "4.0.0";  ///< enhanced status code, RFC 3463; its class agrees with outcome
  std::string text;              ///< one line for a person: the server's reply or our own words
  std::string remote;            ///< the server that said it, "host:port"; empty if nobody did
};

[[nodiscard]] DeliveryResult Delivered(std::string status, std::string text);
[[nodiscard]] DeliveryResult Deferred(std::string status, std::string text);
[[nodiscard]] DeliveryResult Failed(std::string status, std::string text);

/// True for "C.S.D" with class 2, 4 or 5 and numbers of one to three digits (RFC 3463 section 2).
[[nodiscard]] bool IsEnhancedStatus(std::string_view text) noexcept;

}  // namespace mail
