// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bus/message_status.hxx"

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

namespace bus {

/// What a caller may see and flush: the messages of one submitter, or all where it is empty.
/// @param caller the caller's uid
/// @param queue the uid that the queue runs as
[[nodiscard]] std::optional<uid_t> SubmitterFor(uid_t caller, uid_t queue) noexcept;

/// The messages of @p only behind the ID @p after, sorted by ID, which is by age.
[[nodiscard]] std::vector<MessageStatus> Select(std::vector<MessageStatus> messages,
                                                std::optional<uid_t> only, std::string_view after);

}  // namespace bus
