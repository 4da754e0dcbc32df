// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/ip/address.hpp>

#include <vector>

namespace dns {

/// The addresses by which this machine reaches itself: those of its interfaces now, and all that never leave
/// it (the loopback; the unspecified address, which connect(2) takes for it).
class OwnAddresses {
 public:
  /// @param interfaces what the interfaces have
  explicit OwnAddresses(std::vector<asio::ip::address> interfaces) : interfaces_(std::move(interfaces)) {}
  /// The addresses that the kernel has now; without those of the interfaces where it does not tell.
  [[nodiscard]] static OwnAddresses Load();

  [[nodiscard]] bool Has(const asio::ip::address& address) const;

 private:
  std::vector<asio::ip::address> interfaces_;
};

}  // namespace dns
