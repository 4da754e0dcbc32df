// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// OpenSMTPD's table protocol 0.1 (smtpd-tables(7)), the side that asks: lines with fields between "|", which
/// in the last field alone is an ordinary character.
namespace table::protocol {

/// The service that this side asks for: lists of destinations.
constexpr std::string_view kService = "alias";

/// The lines that this side sends first.
/// @param name of the table, without "|"
[[nodiscard]] std::string Greeting(std::string_view name);

/// The meaning of a line of the other side while it registers its services.
enum class Registration {
  Service,  ///< kService
  Other,    ///< another service
  Ready,    ///< the last line
  Bad,      ///< nothing of that kind
};
[[nodiscard]] Registration ParseRegistration(std::string_view line) noexcept;

/// @param key without line ends
/// @param seconds, microseconds of the wall clock
[[nodiscard]] std::string LookupRequest(std::string_view name, std::uint64_t id, std::string_view key,
                                        long long seconds, long microseconds);

struct FoundValue {
  std::string value;
};
struct NotFound {};
struct LookupError {
  std::string text;  ///< as the program says it; may be empty
};
struct Malformed {
  std::string why;
};
using LookupReply = std::variant<FoundValue, NotFound, LookupError, Malformed>;

/// The reply to the request with that @p id.
[[nodiscard]] LookupReply ParseLookupReply(std::string_view line, std::uint64_t id);

}  // namespace table::protocol
