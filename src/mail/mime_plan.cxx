// SPDX-License-Identifier: BSD-2-Clause
#include "mail/mime_plan.hxx"

#include "base/utf8.hxx"

#include <algorithm>

namespace mail {

namespace {

// The octets at the end that may be the start of a character.
std::size_t OpenCharacter(std::string_view text) noexcept {
  for (std::size_t size = 1; size <= std::min<std::size_t>(3, text.size()); ++size) {
    const auto octet = static_cast<unsigned char>(text[text.size() - size]);
    if (octet >= 0xc0) return size;
    if (octet < 0x80) return 0;
  }
  return 0;
}

}  // namespace

void MimePlan::OnHeaderEnd(const MimePart& part, std::string_view) {
  too_many_ = too_many_ || steps_.size() >= kMaxParts;
  if (too_many_) return;
  steps_.emplace_back();
  leaf_ = part;
  survey_ = {};
  character_.clear();
  is_utf8_ = true;
  if (part.kind == MimePart::Kind::Leaf || !part.has_encoding) return;
  const bool binary = part.encoding == MimePart::Encoding::Binary;
  if (binary || (seven_bit_ && part.encoding == MimePart::Encoding::Identity))
    steps_.back().action = Action::Relabel;
}

void MimePlan::OnContent(std::string_view octets) {
  if (too_many_) return;
  survey_.Add(octets);
  if (!is_utf8_) return;
  character_ += octets;
  const auto whole = character_.size() - OpenCharacter(character_);
  is_utf8_ = IsUtf8(std::string_view(character_).substr(0, whole));
  character_.erase(0, whole);
}

void MimePlan::OnContentEnd() {
  if (too_many_) return;
  survey_.Finish();
  is_utf8_ = is_utf8_ && character_.empty();
  if (survey_.HasLongLine() || survey_.HasBareControl() || (seven_bit_ && survey_.HasEightBit()))
    steps_.back() = StepFor(leaf_.encoding);
}

MimePlan::Step MimePlan::StepFor(MimePart::Encoding encoding) const noexcept {
  using Encoding = MimePart::Encoding;
  if (encoding == Encoding::QuotedPrintable || encoding == Encoding::Base64) return {Action::Mend};
  if (encoding == Encoding::Other) return {Action::Cut};
  const auto charset = !survey_.HasEightBit() ? Charset::Ascii : is_utf8_ ? Charset::Utf8 : Charset::Unknown;
  return {Action::Encode, charset};
}

}  // namespace mail
