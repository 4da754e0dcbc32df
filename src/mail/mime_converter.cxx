// SPDX-License-Identifier: BSD-2-Clause
#include "mail/mime_converter.hxx"

#include "base/text.hxx"
#include "mail/field_conversion.hxx"
#include "mail/header.hxx"

namespace mail {

namespace {

using Action = MimePlan::Action;

constexpr std::size_t kBase64Line = 76;  // RFC 2045 section 6.8

bool IsBase64(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/' ||
         c == '=';
}

// Lines as long as they may be. What is no base64 is nothing to a reader, and goes.
void MendBase64(std::string_view octets, std::size_t& column, std::string& out) {
  for (const char c : octets) {
    if (c == '\n') {
      out += c;
      column = 0;
    } else if (IsBase64(c)) {
      if (column == kBase64Line) out += '\n';
      column = column == kBase64Line ? 1 : column + 1;
      out += c;
    }
  }
}

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

LineCutter::EightBit CutFor(bool seven_bit) noexcept {
  return seven_bit ? LineCutter::EightBit::Replace : LineCutter::EightBit::Keep;
}

}  // namespace

MimeConverter::MimeConverter(const MimePlan& plan)
    : plan_(plan), reader_(*this), frame_(CutFor(plan.IsSevenBit())) {}

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
  cutter_.reset();
  column_ = 0;
  const bool mend = step.action == Action::Mend;
  is_base64_ = mend && part.encoding == MimePart::Encoding::Base64;
  if (step.action == Action::Encode)
    quoted_printable_.emplace(QuotedPrintable::Source::Text);
  else if (mend && !is_base64_)
    quoted_printable_.emplace(QuotedPrintable::Source::Encoded);
  else if (step.action == Action::Cut)
    cutter_.emplace(LineCutter::EightBit::Keep);
}

void MimeConverter::OnContent(std::string_view octets) {
  if (quoted_printable_)
    quoted_printable_->Add(octets, *out_);
  else if (is_base64_)
    MendBase64(octets, column_, *out_);
  else if (cutter_)
    cutter_->Add(octets, *out_);
  else
    *out_ += octets;
}

void MimeConverter::OnContentEnd() {
  if (quoted_printable_) quoted_printable_->Finish(*out_);
}

void MimeConverter::OnFrame(std::string_view octets) {
  frame_.Add(octets, *out_);
}

}  // namespace mail
