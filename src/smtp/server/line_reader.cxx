// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/server/line_reader.hxx"

#include <algorithm>

namespace smtp::server {

std::size_t LineReader::Take(std::string_view octets) {
  if (complete_) {
    line_.clear();
    complete_ = too_long_ = crlf_ = false;
  }
  const auto end = std::min(octets.find('\n'), octets.size());
  too_long_ = too_long_ || line_.size() + end > limit_;
  if (!too_long_) line_ += octets.substr(0, end);
  if (end == octets.size()) return end;
  complete_ = true;
  crlf_ = line_.ends_with('\r');
  if (crlf_) line_.pop_back();
  return end + 1;
}

}  // namespace smtp::server
