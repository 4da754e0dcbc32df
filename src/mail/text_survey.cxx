// SPDX-License-Identifier: BSD-2-Clause
#include "mail/text_survey.hxx"

#include <algorithm>

namespace mail {

void TextSurvey::Add(std::string_view block) {
  size_ += block.size();
  while (!block.empty()) {
    const auto end = std::min(block.find('\n'), block.size());
    if (end > 0) AddPart(block.substr(0, end));
    if (end == block.size()) return;
    EndLine();
    block.remove_prefix(end + 1);
  }
}

// Part of one line, not empty, without LF.
void TextSurvey::AddPart(std::string_view part) {
  bare_control_ = bare_control_ || held_cr_;
  line_ += part.size();
  held_cr_ = part.back() == '\r';
  if (held_cr_) part.remove_suffix(1);
  unsigned char all = 0;
  for (const char c : part) all |= static_cast<unsigned char>(c);
  eight_bit_ = eight_bit_ || all >= 0x80;
  bare_control_ = bare_control_ || part.find('\r') != part.npos || part.find('\0') != part.npos;
}

void TextSurvey::EndLine() {
  const std::uint64_t length = line_ - (held_cr_ ? 1 : 0);
  long_line_ = long_line_ || length > kMaxLine;
  held_cr_ = false;
  line_ = 0;
}

void TextSurvey::Finish() {
  bare_control_ = bare_control_ || held_cr_;
  EndLine();
}

}  // namespace mail
