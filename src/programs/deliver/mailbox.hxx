// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/user.hxx"
#include "mail/delivery_result.hxx"
#include "mail/envelope.hxx"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace deliver {

/// One message on its way into one mailbox. All of it belongs to the caller.
struct Letter {
  const mail::Envelope& envelope;  ///< its recipients all get this one copy
  FdRef message;          ///< a regular file of envelope.message_size octets; its offset means nothing
  std::string_view host;  ///< the host's mail name
  bool again = false;     ///< an earlier attempt may have left a copy, whole or in part
};

/// A place where mail ends: mbox now, others beside it.
class Mailbox {
 public:
  virtual ~Mailbox() = default;

  /// When this returns Delivered, the message is on stable storage exactly once; else nothing of it is there.
  /// Throws std::exception for what nobody thought of: then that is not known.
  [[nodiscard]] virtual mail::DeliveryResult Deliver(const Letter& letter) = 0;
};

/// @param destination as [Local] Mailbox= has it
/// @return a DeliveryResult (Deferred) if it does not name a mailbox that this user can have
[[nodiscard]] std::variant<std::unique_ptr<Mailbox>, mail::DeliveryResult> MakeMailbox(
    std::string_view destination, const User& user);

}  // namespace deliver
