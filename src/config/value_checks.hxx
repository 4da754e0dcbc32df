// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace config {

/// `host`, `user@` or `user@host`: [Mail] Masquerade=.
[[nodiscard]] bool IsMasquerade(std::string_view text);

/// What is wrong with a [Local] Mailbox=, for a person; empty: nothing.
[[nodiscard]] std::string FaultOfMailbox(std::string_view text);

/// A name that a user may have, as useradd(8) and systemd take it, but root's.
[[nodiscard]] bool IsServiceUser(std::string_view text) noexcept;

/// A character that may stand between a user's name and an extension of it: [Local] RecipientDelimiter=.
[[nodiscard]] bool IsRecipientDelimiter(std::string_view text) noexcept;

/// An address in which %u stands for a user's name and %% for a percent sign: [Route] ForwardSender=.
[[nodiscard]] bool IsAddressPattern(std::string_view text);

}  // namespace config
