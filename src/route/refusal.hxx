// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"

#include <string_view>

namespace route {

/// What `error:TEXT` in an alias means for who writes there: Failed with 5.1.1 and the text, which may begin
/// with a reply code, an enhanced status code (RFC 3463), or both, or with a word that Sendmail has for one
/// ("nouser", "tempfail"); those of class 4 defer.
[[nodiscard]] mail::DeliveryResult ParseRefusal(std::string_view text);

}  // namespace route
