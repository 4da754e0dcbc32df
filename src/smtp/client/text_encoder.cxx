// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/text_encoder.hxx"

#include <algorithm>

namespace smtp {

void TextEncoder::Add(std::string_view block, std::string& out) {
  while (!block.empty()) {
    const auto end = std::min(block.find('\n'), block.size());
    if (end > 0) AddPart(block.substr(0, end), out);
    if (end == block.size()) return;
    out += "\r\n";
    at_line_start_ = true;
    held_cr_ = false;
    block.remove_prefix(end + 1);
  }
}

// Part of one line, not empty, without LF.
void TextEncoder::AddPart(std::string_view part, std::string& out) {
  if (held_cr_) out += ' ';
  if (at_line_start_ && part.front() == '.') out += '.';
  at_line_start_ = false;
  held_cr_ = part.back() == '\r';
  if (held_cr_) part.remove_suffix(1);
  const auto from = out.size();
  out += part;
  std::replace(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(), '\r', ' ');
}

void TextEncoder::Finish(std::string& out) {
  if (held_cr_) out += ' ';
  if (!at_line_start_) out += "\r\n";
  out += ".\r\n";
}

}  // namespace smtp
