// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/file.hxx"
#include "base/path_walk.hxx"
#include "mail/delivery_result.hxx"

#include <optional>
#include <string>
#include <system_error>

namespace deliver {

/// The result for the recipient of a failed system call (RFC 3463): always Deferred, since whatever it is
/// can be repaired: 4.2.2 for a quota or a limit of size, 4.3.1 for a full disk, 4.2.0 for a mailbox that
/// is closed to its user, else 4.3.0.
[[nodiscard]] mail::DeliveryResult DeferredBy(const std::system_error& error, const std::string& mailbox);

/// The same for a file or directory that exists and that this process could not write now; empty: it could.
[[nodiscard]] std::optional<mail::DeliveryResult> FindWriteFault(const FileAt& file,
                                                                 const std::string& mailbox);

/// The same for a path that leads nowhere; 4.2.0 if it may not be used.
[[nodiscard]] mail::DeliveryResult DeferredBy(const PathFault& fault, const std::string& mailbox);

}  // namespace deliver
