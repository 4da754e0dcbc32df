// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"
#include "mail/time.hxx"
#include "spool/drop_directory.hxx"
#include "spool/queue.hxx"

#include <cstdint>
#include <string_view>
#include <variant>

namespace spool {

/// What comes over the submit socket (drop_format.hxx), collected in a file without a name on the disk of the
/// queue. Functions throw std::system_error.
class DropStream {
 public:
  explicit DropStream(const Queue& queue);

  /// Appends what has come.
  void Add(std::string_view data);
  /// Octets so far.
  [[nodiscard]] std::uint64_t Size() const noexcept { return size_; }

  /// The stream has ended. Afterwards the object is empty. ENODATA: it was cut.
  /// @param submitter who is at the other end, as the kernel knows it
  /// @param now becomes the time of submission
  [[nodiscard]] std::variant<Drop, Refusal> Finish(uid_t submitter, mail::Time now);

 private:
  Disk& disk_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
};

}  // namespace spool
