// SPDX-License-Identifier: BSD-2-Clause
#include "mail/line_cutter.hxx"

#include "base/utf8.hxx"
#include "mail/text_survey.hxx"

#include <utility>

namespace mail {

namespace {

// From here on a line is cut between two characters of UTF-8, before it has to be cut anywhere.
constexpr std::size_t kNearEnd = TextSurvey::kMaxLine - 3;

}  // namespace

void LineCutter::Add(std::string_view block, std::string& out) {
  for (const char c : block) {
    const bool cr = std::exchange(held_cr_, c == '\r');
    if (c == '\n') {
      out += '\n';
      column_ = 0;
      continue;
    }
    if (cr) {
      out += ' ';
      ++column_;
    }
    if (c == '\r') continue;
    if (column_ >= TextSurvey::kMaxLine || (column_ >= kNearEnd && !IsUtf8Continuation(c))) {
      out += '\n';
      column_ = 0;
    }
    const bool replace = eight_bit_ == EightBit::Replace && static_cast<unsigned char>(c) >= 0x80;
    out += replace ? '?' : c == '\0' ? ' ' : c;
    ++column_;
  }
}

}  // namespace mail
