// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>

namespace bus {

/// What a caller may see and flush: the messages of one submitter, or all where it is empty.
/// @param caller the caller's uid
/// @param queue the uid that the queue runs as
[[nodiscard]] std::optional<uid_t> SubmitterFor(uid_t caller, uid_t queue) noexcept;

}  // namespace bus
