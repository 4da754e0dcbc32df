// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/utf8.hxx"

#include <sdbus-c++/sdbus-c++.h>

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

/// What version 2 of sdbus-c++ names otherwise than version 1, which Debian 12 has. SDBUSCPP_MAJOR comes from
/// the build.
namespace bus {

#if SDBUSCPP_MAJOR < 2
using BusName = std::string;
using ErrorName = std::string;
#else
using BusName = sdbus::BusName;
using ErrorName = sdbus::Error::Name;
#endif

/// A text as D-Bus carries it: octets that are not UTF-8 replaced, and cut, so that no text from elsewhere
/// makes a message that the bus refuses: it would hang up.
[[nodiscard]] inline std::string ToWire(std::string_view text) {
  constexpr std::size_t kMaxText = 4096;  // octets
  if (text.size() <= kMaxText) return ReplaceInvalidUtf8(text);
  return ReplaceInvalidUtf8(text.substr(0, kMaxText)) + "…";
}

[[nodiscard]] inline sdbus::Error MakeError(const char* name, std::string_view text) {
  return {ErrorName(name), ToWire(text)};
}

/// The effective uid of who has called the method of @p object that is being served.
[[nodiscard]] inline uid_t CallersEuid(const sdbus::IObject& object) {
#if SDBUSCPP_MAJOR < 2
  return object.getCurrentlyProcessedMessage()->getCredsEuid();
#else
  return object.getCurrentlyProcessedMessage().getCredsEuid();
#endif
}

/// The name on the bus of who has called it: ":1.42".
[[nodiscard]] inline std::string CallersName(const sdbus::IObject& object) {
#if SDBUSCPP_MAJOR < 2
  return object.getCurrentlyProcessedMessage()->getSender();
#else
  return object.getCurrentlyProcessedMessage().getSender();
#endif
}

/// Calls @p handler with each message that fits @p match, until the slot goes.
template <typename Handler>
[[nodiscard]] sdbus::Slot AddMatch(sdbus::IConnection& connection, const std::string& match,
                                   Handler handler) {
#if SDBUSCPP_MAJOR < 2
  return connection.addMatch(match, std::move(handler));
#else
  return connection.addMatch(match, std::move(handler), sdbus::return_slot);
#endif
}

/// @return false if nothing was pending
inline bool ProcessPending(sdbus::IConnection& connection) {
#if SDBUSCPP_MAJOR < 2
  return connection.processPendingRequest();
#else
  return connection.processPendingEvent();
#endif
}

}  // namespace bus
