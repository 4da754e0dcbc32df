// SPDX-License-Identifier: BSD-2-Clause
#include "bus/listing.hxx"

namespace bus {

std::optional<uid_t> SubmitterFor(uid_t caller, uid_t queue) noexcept {
  if (caller == 0 || caller == queue) return std::nullopt;
  return caller;
}

}  // namespace bus
