// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "mail/envelope.hxx"

#include <string>
#include <string_view>
#include <vector>

/// Delivery status notifications: multipart/report (RFC 6522) with message/delivery-status (RFC 3464).
namespace bounce {

/// Up to this size a message goes back whole, beyond it only its headers do.
constexpr std::size_t kMaxReturned = std::size_t{64} * 1024;  ///< octets

struct Report {
  const mail::Envelope& envelope;       ///< of the message that failed
  std::string sender;                   ///< who is told; not empty
  std::vector<mail::Recipient> failed;  ///< what to report, each with a result; at least one
  std::string_view original;            ///< the first octets of the message: all of it if it is not cut
  bool cut = false;                     ///< @p original is not the whole message
  std::string hostname;                 ///< Reporting-MTA
  std::string domain;  ///< of MAILER-DAEMON, in From, and of senders and failed recipients that have none
  mail::QueueId id;    ///< of the notification itself
  mail::Time now{};
};

/// False if the sender has asked that a failure of @p recipient is not reported: NOTIFY (RFC 3461
/// section 4.1).
[[nodiscard]] bool WantsReport(const mail::Recipient& recipient);

/// The text of the notification, lines ended by LF.
[[nodiscard]] std::string MakeNotification(const Report& report);

/// The envelope that carries it, from the null sender.
[[nodiscard]] mail::Envelope MakeEnvelope(const Report& report);

}  // namespace bounce
