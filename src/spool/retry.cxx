// SPDX-License-Identifier: BSD-2-Clause
#include "spool/retry.hxx"

#include <algorithm>

namespace spool {

mail::Duration RetryDelay(unsigned attempts, mail::Duration min, mail::Duration max) noexcept {
  mail::Duration delay = std::min(min, max);
  for (unsigned i = 1; i < attempts && delay < max; ++i) delay = delay > max / 2 ? max : delay * 2;
  return delay;
}

}  // namespace spool
