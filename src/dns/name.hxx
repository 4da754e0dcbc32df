// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dns {

/// The form of a domain name that DNS carries: labels that are not ASCII as A-labels (IDNA2008, RFC 5891,
/// non-transitional), no dot at the end, lower case.
/// @param name UTF-8
/// @return empty if it is no name: a label that IDNA forbids, or one of more than 63 octets, more than 253 in
///   all
[[nodiscard]] std::optional<std::string> ToAscii(std::string_view name);

/// True for localhost and the names below it, which are this machine (RFC 6761 section 6.3).
[[nodiscard]] bool IsLocalhost(std::string_view name) noexcept;

/// Takes a name off the front of @p rdata: uncompressed wire format (RFC 1035 section 3.1).
/// @return without the dot at the end, "." for the root; empty if it is malformed, or has a dot or an octet
/// that
///   is not printable ASCII within a label: no host is called so
[[nodiscard]] std::optional<std::string> TakeWireName(std::string_view& rdata);

}  // namespace dns
