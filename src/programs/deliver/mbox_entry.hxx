// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "local/letter.hxx"
#include "programs/deliver/sink.hxx"

#include <cstdint>
#include <string>

namespace deliver {

/// A message as it stands in an mbox file (mbox(5), mboxrd): separator line, the fields of local::MakeHead,
/// the message quoted, an empty line. Made of the envelope and the message alone, so that every attempt
/// yields the same octets.
class MboxEntry {
 public:
  MboxEntry(const local::Letter& letter, const User& user);

  /// The separator line and our fields; they name the queue ID, so no other message's begin alike.
  [[nodiscard]] const std::string& Head() const noexcept { return head_; }

  /// The entry is no longer than this.
  [[nodiscard]] std::uint64_t MaxSize() const noexcept;

  /// Writes it all. @return false as soon as the sink wants no more
  /// Throws std::system_error if the message can't be read, or is not as long as its envelope says.
  [[nodiscard]] bool WriteTo(Sink& sink) const;

 private:
  std::string head_;
  FdRef message_;
  std::uint64_t message_size_;
};

}  // namespace deliver
