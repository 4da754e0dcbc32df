// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bus/error.hxx"
#include "bus/message_status.hxx"
#include "bus/route_line.hxx"
#include "bus/sdbus.hxx"
#include "mail/relay_report.hxx"

#include <cstdint>
#include <string>
#include <vector>

/// The structures of org.mailqueue.Queue1.xml. Included only by sources of this folder: sdbus-c++ is slow to
/// compile.
namespace bus {

constexpr char kQueueName[] = "org.mailqueue.Queue1";
constexpr char kQueuePath[] = "/org/mailqueue/Queue1";

using WireRecipient = sdbus::Struct<std::string, std::string, std::string, std::string>;
using WireMessage =
    sdbus::Struct<std::string, std::uint64_t, std::uint64_t, std::string, std::uint32_t, std::uint32_t,
                  std::uint64_t, std::string, std::uint32_t, std::vector<WireRecipient>>;

using WireRouteLine = sdbus::Struct<std::uint32_t, std::string, std::string, std::string, std::string>;

using WireRelayReport = sdbus::Struct<std::string, std::string, std::vector<std::string>>;

/// Octets that are no UTF-8, which D-Bus does not carry, are replaced.
[[nodiscard]] WireMessage ToWire(const MessageStatus& message);
[[nodiscard]] MessageStatus FromWire(const WireMessage& message);
[[nodiscard]] WireRouteLine ToWire(const RouteLine& line);
[[nodiscard]] RouteLine FromWire(const WireRouteLine& line);
[[nodiscard]] WireRelayReport ToWire(const mail::RelayReport& report);
[[nodiscard]] mail::RelayReport FromWire(const WireRelayReport& report);

/// About how many octets of a D-Bus message it takes.
[[nodiscard]] std::size_t WireSize(const WireMessage& message) noexcept;

/// Calls @p function and turns what sdbus-c++ throws into Error.
template <typename Function>
auto Translate(Function&& function) try {
  return function();
} catch (const sdbus::Error& error) {
  throw Error(error.getName(), error.getMessage());
}

}  // namespace bus
