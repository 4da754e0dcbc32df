// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "courier/protocol.hxx"
#include "mail/delivery_result.hxx"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace local {

struct NoForward {};  ///< the mail is for the mailbox

/// What becomes of a user's mail by their own word; the result, always Deferred, where that can't be known
/// now.
using ForwardWord = std::variant<NoForward, courier::Forward, mail::DeliveryResult>;

/// Reads the first of these that exists, with the files that it includes, as the user that the process runs
/// as:
///
///     ~/.forward+EXTENSION  ~/.config/mailqueue/forward+EXTENSION     for user+extension
///     ~/.forward            ~/.config/mailqueue/forward
///
/// An empty one means the mailbox. The mailbox stands in, and a fault says so, for whatever only somebody can
/// repair: a file that the user may not read or that is not trusted (PathWalk, FindDistrust; a symbolic link
/// may not lead out of the home), is larger than kMaxForwardFile, or says more than fits into an answer; an
/// included file of that kind, or one that is not there; what is not understood, or is behind the limits of a
/// list; a command or file of root's. Deferred is what may pass: a file that can't be read now; where such a
/// file is included, an Error of class 4 stands in. Throws std::system_error for unexpected errors.
[[nodiscard]] ForwardWord FindForward(const User& user, std::string_view extension);

constexpr std::size_t kMaxForwardFile = 64 * 1024;  ///< octets
constexpr unsigned kMaxIncludeDepth = 5;            ///< files within files
constexpr unsigned kMaxIncludedFiles = 50;          ///< in all
constexpr std::size_t kMaxForwardFaults = 20;       ///< that are told; the rest are counted

}  // namespace local
