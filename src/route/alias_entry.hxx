// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/destination.hxx"

#include <optional>
#include <string>

namespace route {

/// What is wrong with a destination where no user stands for "mine": in aliases, virtual users, and what they
/// include. There `!` has no mailbox, and `~/` no home. Empty if nothing is.
/// @return the destination and what to write instead, for a person
[[nodiscard]] std::optional<std::string> FindOwnerless(const mail::Destination& destination);

}  // namespace route
