// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "mail/header.hxx"
#include "submit/submit.hxx"

#include <span>

namespace submit {

/// An address without a domain gets one; the null sender and others stay.
[[nodiscard]] std::string Qualify(const std::string& address, const std::string& domain);

/// The calling user's, qualified.
[[nodiscard]] std::string OwnAddress(const Site& site, User& user);

/// The envelope's sender: the request's or the user. One without a domain stays so, as it is local whatever
/// the machine is called when a bounce comes back. "MAILER-DAEMON" is the null sender. The name of a user
/// that is an address as well is that address. Throws Refusal (EX_DATAERR) for what is no address.
[[nodiscard]] std::string MakeSender(const Request& request, const Site& site, User& user);

/// The recipients of the request and, if it says so, of the header, each once. Addresses without a
/// domain stay so: they are local, whatever domain the sender's mail has. An operand that is as a whole the
/// name of a user is that user, whatever else it could mean. A malformed one among good ones goes with
/// them as it is written: the sender gets a bounce that shows it. An empty operand among others is passed
/// over. Throws Refusal: EX_USAGE for none at all, EX_DATAERR if none is an address or one has a control
/// character in it.
[[nodiscard]] std::vector<mail::Recipient> MakeRecipients(const Request& request, const Site& site,
                                                          User& user,
                                                          std::span<const mail::HeaderField> header);

/// Recipients at an address literal of this machine (RFC 5321 section 4.1.3) lose it: a name alone is local.
/// Throws Refusal, EX_NOHOST, if this machine sends mail to none of the recipients (Site::refuses_domain).
void KeepOwnHere(std::vector<mail::Recipient>& recipients, const Site& site);

}  // namespace submit
