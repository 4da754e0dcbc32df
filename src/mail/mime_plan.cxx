// SPDX-License-Identifier: BSD-2-Clause
#include "mail/mime_plan.hxx"

#include "base/utf8.hxx"
#include "mail/base64_text.hxx"

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

MimePlan::Step MimePlan::At(std::size_t part) const noexcept {
  const auto step = part < steps_.size() ? steps_[part] : Step{};
  return step.action == Action::Relabel && !relabels_ ? Step{} : step;
}

void MimePlan::OnField(std::string_view field) {
  TextSurvey survey;
  survey.Add(field);
  survey.Finish();
  can_be_sent_ = can_be_sent_ && !survey.HasBareControl();
}

void MimePlan::OnHeaderEnd(const MimePart& part, std::string_view) {
  too_many_ = too_many_ || steps_.size() >= kMaxParts;
  leaf_ = part;
  survey_ = {};
  character_.clear();
  is_utf8_ = is_base64_ = true;
  if (too_many_) return;
  steps_.emplace_back();
  const bool is_frame = part.kind == MimePart::Kind::Multipart || part.kind == MimePart::Kind::Message;
  if (!is_frame || !part.has_encoding) return;
  const bool binary = part.encoding == MimePart::Encoding::Binary;
  if (binary || (seven_bit_ && part.encoding == MimePart::Encoding::Identity))
    steps_.back().action = Action::Relabel;
}

void MimePlan::OnContent(std::string_view octets) {
  survey_.Add(octets);
  is_base64_ = is_base64_ && std::ranges::all_of(octets, IsBase64Text);
  if (!is_utf8_) return;
  character_ += octets;
  const auto whole = character_.size() - OpenCharacter(character_);
  is_utf8_ = IsUtf8(std::string_view(character_).substr(0, whole));
  character_.erase(0, whole);
}

void MimePlan::OnContentEnd() {
  survey_.Finish();
  is_utf8_ = is_utf8_ && character_.empty();
  if (!survey_.HasLongLine() && !survey_.HasBareControl() && !(seven_bit_ && survey_.HasEightBit())) return;
  const auto step = too_many_ ? Step{} : StepFor(leaf_);
  if (step.action == Action::Keep)
    LeaveAsIs(survey_);
  else
    steps_.back() = step;
}

void MimePlan::OnFrame(std::string_view octets) {
  frame_.Add(octets);
}

void MimePlan::Finish() {
  reader_.Finish();
  frame_.Finish();
  LeaveAsIs(frame_);
}

void MimePlan::LeaveAsIs(const TextSurvey& survey) noexcept {
  can_be_sent_ = can_be_sent_ && !survey.HasBareControl();
  relabels_ = relabels_ && !survey.HasLongLine() && !(seven_bit_ && survey.HasEightBit());
}

MimePlan::Step MimePlan::StepFor(const MimePart& part) const noexcept {
  using Encoding = MimePart::Encoding;
  if (part.kind == MimePart::Kind::Opaque || part.encoding == Encoding::Other) return {};
  if (part.encoding == Encoding::QuotedPrintable) return {Action::Mend};
  if (part.encoding == Encoding::Base64) return {is_base64_ ? Action::Mend : Action::Keep};
  const auto charset = !survey_.HasEightBit() ? Charset::Ascii : is_utf8_ ? Charset::Utf8 : Charset::Unknown;
  return {Action::Encode, charset};
}

}  // namespace mail
