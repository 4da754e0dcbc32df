// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/time.hxx"

namespace spool {

/// How long to wait after the attempt number @p attempts (from 1): @p min, then twice as long each
/// time, never more than @p max.
[[nodiscard]] mail::Duration RetryDelay(unsigned attempts, mail::Duration min, mail::Duration max) noexcept;

}  // namespace spool
