// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"
#include "smtp/client/reply.hxx"

#include <string_view>

namespace smtp {

/// The command, or the text, that a reply answers.
enum class Place { Greeting, Hello, StartTls, Auth, Mail, Rcpt, Data, Text, Reset, Quit };

/// The command as it is written, or what stands for it: "greeting", "EHLO", "end of data".
[[nodiscard]] std::string_view ToString(Place place) noexcept;

/// The result that a reply means for the recipients that it concerns.
///
/// 2xx is Delivered and 4xx Deferred. 5xx is Failed, but Deferred before MAIL, where the server refuses us
/// and not the message. Deferred too: 530, which asks for a login or TLS (RFC 4954, RFC 3207) at whatever
/// command; 5.5.3 to RCPT (too many recipients, RFC 5321 section 4.5.3.1.10); and every reply that has no
/// meaning at its place. The status is the reply's, with the class of the outcome, or one made from the code;
/// x.7.8, a refused login, counts only where there was one.
/// `remote` is left empty.
[[nodiscard]] mail::DeliveryResult Judge(const Reply& reply, Place place);

/// A reply to RCPT is about how many recipients the transaction has already, not about this one: 4.5.3 or
/// 5.5.3, or 452 or 552 (RFC 5321 section 4.5.3.1.10) without a status code that says otherwise.
[[nodiscard]] bool IsTooManyRecipients(const Reply& reply) noexcept;

}  // namespace smtp
