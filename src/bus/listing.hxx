// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>

namespace bus {

/// The messages that a caller may see and flush: those of one submitter; empty: all.
/// @param caller the caller's uid
/// @param queue the uid that the queue runs as
[[nodiscard]] std::optional<uid_t> SubmitterFor(uid_t caller, uid_t queue) noexcept;

}  // namespace bus
