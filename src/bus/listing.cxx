// SPDX-License-Identifier: BSD-2-Clause
#include "bus/listing.hxx"

#include <algorithm>

namespace bus {

std::optional<uid_t> SubmitterFor(uid_t caller, uid_t queue) noexcept {
  if (caller == 0 || caller == queue) return std::nullopt;
  return caller;
}

std::vector<MessageStatus> Select(std::vector<MessageStatus> messages, std::optional<uid_t> only,
                                  std::string_view after) {
  std::erase_if(messages, [&](const MessageStatus& message) {
    return (only && message.submitter != *only) || message.id <= after;
  });
  std::ranges::sort(messages, {}, &MessageStatus::id);
  return messages;
}

}  // namespace bus
