// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"
#include "mail/envelope.hxx"
#include "smtp/client/extensions.hxx"
#include "smtp/client/message.hxx"

#include <optional>
#include <string>
#include <string_view>

namespace smtp {

/// "MAIL FROM:<…>" with the parameters of @p extensions that the message has a use for, ended by CRLF. Its
/// size is said with LF for CRLF, which is somewhat less than what is sent, so that a server does not refuse
/// for its size what it would have taken.
/// @param utf8 an address of the transaction is not ASCII (RFC 6531)
[[nodiscard]] std::string MailCommand(const Message& message, bool utf8, const Extensions& extensions);

/// "RCPT TO:<…>", likewise.
[[nodiscard]] std::string RcptCommand(const mail::Recipient& recipient, const Extensions& extensions);

/// The address as a server can take it: one that does not offer SMTPUTF8 gets a domain's A-labels (RFC 5891).
/// A local part outside of ASCII has no other form.
[[nodiscard]] std::string AddressFor(std::string_view address, const Extensions& extensions);

/// Why an address can't be sent to a server: Failed for one that is none, or whose local part is not ASCII
/// where the server does not offer SMTPUTF8. Empty if it can.
[[nodiscard]] std::optional<mail::DeliveryResult> FindAddressFault(std::string_view address,
                                                                   const Extensions& extensions);

}  // namespace smtp
