// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/user.hxx"
#include "mail/envelope.hxx"

#include <string>
#include <string_view>

/// The part that all programs share that run as the recipient of mail.
namespace local {

/// One message to one user. The caller owns everything that it refers to.
struct Letter {
  const mail::Envelope& envelope;  ///< its recipients all get this one copy
  FdRef message;                 ///< a regular file of envelope.message_size octets; its offset means nothing
  std::string_view host;         ///< the host's mail name; maybe empty
  bool again = false;            ///< an earlier attempt may have left a copy, whole or in part
  std::string_view head{};       ///< courier::Request::head
  std::string_view extension{};  ///< courier::Request::extension
  bool of_alias = false;         ///< it is for what an alias or virtual user names (courier::Request::alias)
};

/// "From SENDER DATE" with its line end: what stands in front of a message in an mbox (RFC 4155), and of one
/// that a command gets, for such as write it to an mbox as it is. The time is the message's, in UTC.
[[nodiscard]] std::string MakeSeparator(const mail::Envelope& envelope);

/// The fields that every local copy has in front of the message: Return-Path, X-Mailqueue-Id, X-Original-To
/// for each recipient as submitted, Delivered-To with the user unless it is an alias's, Letter::head. The
/// same at each attempt.
[[nodiscard]] std::string MakeHead(const Letter& letter, const User& user);

/// The user who gets the mail, "alice@host.example"; "alice" if the host has no name.
[[nodiscard]] std::string DeliveredTo(const User& user, std::string_view host);

/// An address comes from outside: a line end in it would forge fields, or a whole message. Control
/// characters become "_".
[[nodiscard]] std::string OneLine(std::string_view address);

/// Writes @p head and the message to a file. Throws std::system_error, also if the message is not as long as
/// its envelope says.
void WriteCopy(FdRef file, std::string_view head, const Letter& letter);

}  // namespace local
