// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/message_source.hxx"

#include "base/error.hxx"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace relay {

MessageSource::MessageSource(FdRef message, std::uint64_t size, std::string_view head)
    : message_(message), left_(size), head_(head), block_(static_cast<std::size_t>(std::min(size, kBlock))) {}

std::optional<std::string_view> MessageSource::Next() {
  if (!head_.empty()) return std::exchange(head_, {});
  if (left_ == 0) return std::nullopt;
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(block_.size(), left_));
  ssize_t size;
  do size = ::pread(message_.Get(), block_.data(), want, static_cast<off_t>(offset_));
  while (size < 0 && errno == EINTR);
  if (size < 0) ThrowErrno("Failed to read the message");
  if (size == 0) throw std::runtime_error("The stored message is shorter than it was");
  offset_ += static_cast<std::uint64_t>(size);
  left_ -= static_cast<std::uint64_t>(size);
  return std::string_view(block_.data(), static_cast<std::size_t>(size));
}

}  // namespace relay
