// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/queue_id.hxx"
#include "submit/site.hxx"
#include "submit/source.hxx"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace submit {

constexpr std::size_t kMaxFullName = 512;  ///< octets

/// Recipients as somebody named them.
struct Destination {
  std::string addresses;  ///< an address list (mail::ParseAddressList)
  std::string notify;     ///< DSN NOTIFY, or empty
  std::string original;   ///< DSN ORCPT ("rfc822;user@host"), or empty
  bool is_one = false;    ///< addresses is to be one address: a list is refused
};

/// A submission without the message itself.
struct Request {
  std::optional<std::string> sender;  ///< "" and "<>": the null sender; none: the user, qualified
  std::vector<Destination> destinations;
  bool header_recipients = false;  ///< sendmail -t: those of the header, too
  std::string header_notify;       ///< DSN NOTIFY for those
  /// For a From field that is missing. Empty, longer than kMaxFullName or with a control character, as a
  /// variable of the environment may be: the user's own.
  std::string full_name;
  std::string from_address;  ///< for the same; empty or not one address: the sender or the user
  std::string body;          ///< BODY: "8BITMIME", "7BIT" or empty
  std::string ret;           ///< DSN RET: "FULL", "HDRS" or empty
  std::string envid;         ///< DSN ENVID or empty
  std::uint64_t size = 0;    ///< as it was announced; 0: it was not
  bool require_tls = false;  ///< REQUIRETLS (RFC 8689)
};

/// Completes the message's header and commits envelope and message to the queue: through drop/, or where that
/// can't be written through the submit socket. Takes constant memory whatever the message's size.
/// @return the queue ID; the message is on stable storage then
/// Throws Refusal; nothing of the message is in the queue then.
[[nodiscard]] mail::QueueId Submit(const Request& request, const Site& site, MessageSource& source);

}  // namespace submit
