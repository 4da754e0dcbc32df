// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace config {

/// `host`, `user@` or `user@host`: [Mail] Masquerade=.
[[nodiscard]] bool IsMasquerade(std::string_view text);

/// The fault of a [Local] Mailbox=, for a person; empty: none.
[[nodiscard]] std::string FaultOfMailbox(std::string_view text);

/// A name that a user may have, as useradd(8) and systemd take it, but root's.
[[nodiscard]] bool IsServiceUser(std::string_view text) noexcept;

/// A character that may stand between a user's name and an extension of it: [Local] RecipientDelimiter=.
[[nodiscard]] bool IsRecipientDelimiter(std::string_view text) noexcept;

/// An address in which %u stands for a user's name and %% for a percent sign: [Route] ForwardSender=.
[[nodiscard]] bool IsAddressPattern(std::string_view text);

/// The same with %d for a domain, and a %u in it: [Local] MailboxAddress=.
[[nodiscard]] bool IsMailboxAddress(std::string_view text);

/// An IPv4 or IPv6 address in numbers, without brackets.
[[nodiscard]] bool IsIpAddress(std::string_view text);
/// The same of one family, AF_INET or AF_INET6.
[[nodiscard]] bool IsAddressOf(int family, std::string_view text);

/// Whether a text may follow EHLO (RFC 5321 section 4.1.1.1): a domain name, or an address in brackets,
/// `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
[[nodiscard]] bool IsHelo(std::string_view text);

/// `sha256//` and the 44 characters of a SHA-256 digest in Base64.
[[nodiscard]] bool IsPin(std::string_view text) noexcept;

/// No `..` in it.
[[nodiscard]] bool IsAbsolutePath(std::string_view text);

/// The absolute path of a program and its arguments, see mail::SplitCommand.
[[nodiscard]] bool IsCommand(std::string_view text);

/// The name of a credential: it can't lead out of the directory of credentials, or hide there.
[[nodiscard]] bool IsCredentialLabel(std::string_view text) noexcept;

}  // namespace config
