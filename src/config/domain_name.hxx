// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string_view>

namespace config {

/// True for a name that DNS and SMTP can carry (RFC 1123 section 2.1; underscores too, which some networks
/// use): ASCII, labels of 1 to 63 letters, digits, dashes and underscores, 253 octets at most, the last label
/// not a number.
[[nodiscard]] bool IsDomainName(std::string_view text) noexcept;

/// The same, where other letters than those of ASCII may stand, in UTF-8 (RFC 6531): the domain of an
/// address.
[[nodiscard]] bool IsMailDomain(std::string_view text) noexcept;

}  // namespace config
