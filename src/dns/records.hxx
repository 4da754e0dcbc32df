// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dns {

/// A mail exchanger (RFC 1035 section 3.3.9).
struct MxRecord {
  std::uint16_t preference = 0;  ///< the lowest is asked first
  std::string host;              ///< without the last dot; "." for the root

  bool operator==(const MxRecord&) const = default;
};

/// Which certificate or key a TLS server has (RFC 6698 section 2.1). Numbers as they are: what is not known
/// is not used.
struct TlsaRecord {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  std::string data;  ///< octets

  bool operator==(const TlsaRecord&) const = default;
};

/// Each takes the RDATA of a record in wire format, and is empty if that is malformed.
[[nodiscard]] std::optional<MxRecord> ParseMx(std::string_view rdata);
[[nodiscard]] std::optional<TlsaRecord> ParseTlsa(std::string_view rdata);
/// The strings of a TXT record, joined (RFC 1035 section 3.3.14).
[[nodiscard]] std::optional<std::string> ParseTxt(std::string_view rdata);
/// The address of an A or AAAA record, by its length.
[[nodiscard]] std::optional<asio::ip::address> ParseAddress(std::string_view rdata);

}  // namespace dns
