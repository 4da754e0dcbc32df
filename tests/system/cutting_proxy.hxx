// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "loopback_hosts.hxx"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace machine {

/// Hosts that are all one server, with a line that breaks: the connection to host N ends, at both ends, when
/// it has carried so many octets in one direction as belong to N.
class CuttingProxy {
 public:
  enum class Direction { FromServer, FromClient };

  struct Cut {
    Direction direction = Direction::FromServer;
    std::size_t stride = 1;  ///< host N is cut off after N times so many octets
    /// Every second host ends its connections with RST, which tells the client of an error, in place of FIN.
    bool resets = true;
  };

  /// @param port of the server, on 127.0.0.1
  CuttingProxy(std::uint16_t port, Cut cut);

  /// From now on, whether lines break. They don't at first.
  void Break(bool broken) { broken_ = broken; }
  /// The most octets that one connection has carried in the direction of the cut.
  [[nodiscard]] std::size_t Octets() const { return octets_; }
  [[nodiscard]] std::string Url(std::size_t host, const std::string& scheme) const {
    return hosts_.Url(host, scheme);
  }

 private:
  struct Line;

  asio::awaitable<void> Serve(asio::ip::tcp::socket client, std::size_t host);
  asio::awaitable<void> Carry(Line& line, Direction direction, std::size_t limit);

  const std::uint16_t port_;
  const Cut cut_;
  std::atomic<bool> broken_ = false;
  std::atomic<std::size_t> octets_ = 0;
  LoopbackHosts hosts_;  // last, because its thread uses the others
};

}  // namespace machine
