// SPDX-License-Identifier: BSD-2-Clause
#include "mail/mime_converter.hxx"

#include "base/text.hxx"
#include "mail/field_conversion.hxx"
#include "mail/header.hxx"

namespace mail {

namespace {

using Action = MimePlan::Action;

std::string_view ToString(MimePlan::Charset charset) noexcept {
  switch (charset) {
    case MimePlan::Charset::Ascii:
      return "us-ascii";
    case MimePlan::Charset::Utf8:
      return "utf-8";
    case MimePlan::Charset::Unknown:
      break;
  }
  return "unknown-8bit";
}

}  // namespace

void MimeConverter::Add(std::string_view block, std::string& out) {
  out_ = &out;
  reader_.Add(block);
}

void MimeConverter::Finish(std::string& out) {
  out_ = &out;
  reader_.Finish();
}

void MimeConverter::OnField(std::string_view field) {
  const auto action = plan_.At(part_).action;
  const HeaderField parsed{field.substr(0, FieldNameSize(field)), field};
  const bool replaced = action == Action::Encode || action == Action::Relabel;
  if (replaced && parsed.Is("Content-Transfer-Encoding")) return;
  *out_ += ConvertField(field, plan_.IsSevenBit());
}

void MimeConverter::OnHeaderEnd(const MimePart& part, std::string_view empty_line) {
  const auto step = plan_.At(part_);
  const auto before = out_->size();
  AddFields(part, step);
  // Where nothing stood between the fields and the text, the new ones need it.
  *out_ += empty_line.empty() && out_->size() > before ? "\n" : empty_line;
  BeginContent(part, step);
  ++part_;
}

void MimeConverter::AddFields(const MimePart& part, MimePlan::Step step) {
  if (step.action == Action::Keep) return;
  if (!out_->empty() && out_->back() != '\n') *out_ += '\n';  // a field that the message ended with
  if (part.is_message && !part.has_version) *out_ += "MIME-Version: 1.0\n";
  if (step.action == Action::Relabel && !plan_.IsSevenBit()) *out_ += "Content-Transfer-Encoding: 8bit\n";
  if (step.action != Action::Encode) return;
  if (!part.has_type) {
    *out_ += "Content-Type: text/plain; charset=";
    *out_ += ToString(step.charset);
    *out_ += '\n';
  }
  *out_ += "Content-Transfer-Encoding: quoted-printable\n";
}

void MimeConverter::BeginContent(const MimePart& part, MimePlan::Step step) {
  quoted_printable_.reset();
  base64_.reset();
  if (step.action == Action::Encode)
    quoted_printable_.emplace(QuotedPrintable::Source::Text);
  else if (step.action == Action::Mend && part.encoding == MimePart::Encoding::Base64)
    base64_.emplace();
  else if (step.action == Action::Mend)
    quoted_printable_.emplace(QuotedPrintable::Source::Encoded);
}

void MimeConverter::OnContent(std::string_view octets) {
  if (quoted_printable_)
    quoted_printable_->Add(octets, *out_);
  else if (base64_)
    base64_->Add(octets, *out_);
  else
    *out_ += octets;
}

void MimeConverter::OnContentEnd() {
  if (quoted_printable_) quoted_printable_->Finish(*out_);
  if (base64_) base64_->Finish(*out_);
}

}  // namespace mail
