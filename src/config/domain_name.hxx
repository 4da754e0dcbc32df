// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace config {

/// True for a name that DNS and SMTP can carry (RFC 1123 section 2.1; underscores too, which some networks
/// use): ASCII, labels of 1 to 63 letters, digits, dashes and underscores, 253 octets at most, the last label
/// not a number.
[[nodiscard]] bool IsDomainName(std::string_view text) noexcept;

/// The same, where other letters than those of ASCII may stand, in UTF-8 (RFC 6531): the domain of an
/// address.
[[nodiscard]] bool IsMailDomain(std::string_view text) noexcept;

/// The address in numbers that an address literal has (RFC 5321 section 4.1.3), `[192.0.2.1]` or
/// `[IPv6:2001:db8::1]`; empty if @p domain is none.
[[nodiscard]] std::string AddressOfLiteral(std::string_view domain);

/// A domain that is this machine wherever it is used: localhost and what is below it (RFC 6761 section 6.3),
/// the other names that hosts(5) of the distributions have for it, and literals of loopback addresses and of
/// the unspecified one.
[[nodiscard]] bool IsLoopback(std::string_view domain);

}  // namespace config
