// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mail {

/// Whether addresses of a domain are this machine's; asked for the empty domain, too.
using IsLocalDomain = std::function<bool(std::string_view domain)>;

/// The form in which others see addresses of this machine.
/// @param address the null sender and addresses of other domains stay as they are
/// @param spec [Mail] Masquerade=: `host` replaces the domain, `user@` the local part, `user@host` both;
///   empty: nothing
[[nodiscard]] std::string Masquerade(const std::string& address, std::string_view spec,
                                     const IsLocalDomain& is_local_domain);

/// The same for each address of an address list (mail::ParseAddressList), such as the body of a From field:
/// names, comments and white space stay as written, and so do entries that are malformed.
[[nodiscard]] std::string MasqueradeAddressList(std::string_view text, std::string_view spec,
                                                const IsLocalDomain& is_local_domain);

}  // namespace mail
