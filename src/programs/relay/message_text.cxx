// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/message_text.hxx"

#include "base/error.hxx"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string>

namespace relay {

namespace {

constexpr std::uint64_t kBlock = 32 * 1024;

}  // namespace

MessageText::MessageText(FdRef message, std::uint64_t size)
    : message_(message), left_(size), block_(static_cast<std::size_t>(std::min(size, kBlock))) {}

std::optional<std::string_view> MessageText::Next() {
  if (finished_) return std::nullopt;
  text_.clear();
  if (left_ > 0) ReadBlock();
  if (left_ == 0) {
    stuffer_.Finish(text_);
    finished_ = true;
  }
  return text_;
}

void MessageText::ReadBlock() {
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(block_.size(), left_));
  ssize_t size;
  do size = ::pread(message_.Get(), block_.data(), want, static_cast<off_t>(offset_));
  while (size < 0 && errno == EINTR);
  if (size < 0) ThrowErrno("Failed to read the message");
  if (size == 0) throw std::runtime_error("The stored message is shorter than it was");
  offset_ += static_cast<std::uint64_t>(size);
  left_ -= static_cast<std::uint64_t>(size);
  stuffer_.Add({block_.data(), static_cast<std::size_t>(size)}, text_);
}

}  // namespace relay
