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
                  std::uint64_t, std::string, std::string, std::uint32_t, std::vector<WireRecipient>>;

using WireRouteLine = sdbus::Struct<std::uint32_t, std::string, std::string, std::string, std::string>;

using WireRelayReport = sdbus::Struct<std::string, std::string, std::vector<std::string>>;

/// Every text in it goes through ToWire of sdbus.hxx.
[[nodiscard]] WireMessage ToWire(const MessageStatus& message);
[[nodiscard]] MessageStatus FromWire(const WireMessage& message);
[[nodiscard]] WireRouteLine ToWire(const RouteLine& line);
[[nodiscard]] RouteLine FromWire(const WireRouteLine& line);
[[nodiscard]] WireRelayReport ToWire(const mail::RelayReport& report);
[[nodiscard]] mail::RelayReport FromWire(const WireRelayReport& report);

/// About how many octets of a D-Bus message it takes.
[[nodiscard]] std::size_t WireSize(const WireMessage& message) noexcept;
[[nodiscard]] std::size_t WireSize(const WireRouteLine& line) noexcept;

/// Counts what goes into a reply. The bus hangs up on who sends it more than it takes (32 MiB, by default),
/// and making a reply keeps the event loop.
class ReplySize {
 public:
  /// @param limit octets
  explicit ReplySize(std::size_t limit) noexcept : limit_(limit) {}

  /// @return false if @p octets more are too many; the first part always fits
  [[nodiscard]] bool TryAdd(std::size_t octets) noexcept {
    if (size_ != 0 && size_ + octets > limit_) return false;
    size_ += octets;
    return true;
  }

 private:
  std::size_t limit_;
  std::size_t size_ = 0;
};

/// Calls @p function and turns what sdbus-c++ throws into Error.
template <typename Function>
auto Translate(Function&& function) try {
  return function();
} catch (const sdbus::Error& error) {
  throw Error(error.getName(), error.getMessage());
}

}  // namespace bus
