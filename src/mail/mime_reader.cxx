// SPDX-License-Identifier: BSD-2-Clause
#include "mail/mime_reader.hxx"

#include "base/text.hxx"
#include "mail/header.hxx"

#include <algorithm>
#include <utility>

namespace mail {

namespace {

// A line that is longer is no delimiter, whatever white space follows the boundary.
constexpr std::size_t kMaxDelimiter = MimeReader::kMaxBoundary + 100;

bool MayBeDelimiter(std::string_view start) noexcept {
  return start.starts_with("--") || start == "-" || start.empty();
}

MimePart::Encoding ParseEncoding(std::string_view body) {
  using Encoding = MimePart::Encoding;
  const auto name = ParseToken(body);
  if (name == "7bit" || name == "8bit" || name.empty()) return Encoding::Identity;
  if (name == "binary") return Encoding::Binary;
  if (name == "quoted-printable") return Encoding::QuotedPrintable;
  return name == "base64" ? Encoding::Base64 : Encoding::Other;
}

}  // namespace

void MimeReader::Add(std::string_view block) {
  while (!block.empty()) {
    if (!passing_) {
      AddToLine(block);
      continue;
    }
    const auto size = std::min(block.find('\n'), block.size() - 1) + 1;
    const auto piece = block.substr(0, size);
    passing_ = !piece.ends_with('\n');
    PassOn(piece);
    block.remove_prefix(size);
  }
}

void MimeReader::AddToLine(std::string_view& block) {
  const auto end = block.find('\n');
  const bool whole = end != block.npos;
  const auto piece = block.substr(0, whole ? end + 1 : block.size());
  block.remove_prefix(piece.size());
  if (whole && line_.empty()) return TakeLine(piece);
  line_ += piece;
  if (whole) return TakeLine(std::exchange(line_, {}));
  const bool overlong = state_ == State::Header ? line_.size() > kMaxField
                                                : !MayBeDelimiter(line_) || line_.size() > kMaxDelimiter;
  if (overlong) OnOverlongLine();
}

// What has come of a line tells enough: it is no delimiter, nor the name of a field alone.
void MimeReader::OnOverlongLine() {
  const auto line = std::exchange(line_, {});
  if (state_ == State::Header)
    TakeHeaderLine(line);
  else
    PassOn(line);
  passing_ = true;
}

void MimeReader::TakeLine(std::string_view line) {
  if (TakeDelimiter(line)) return;
  if (state_ == State::Header)
    TakeHeaderLine(line);
  else
    PassOn(line);
}

void MimeReader::PassOn(std::string_view octets) {
  switch (state_) {
    case State::Header:
      field_ += octets;
      if (field_.size() > kMaxField) EndField();
      break;
    case State::Content:
      handler_.OnContent(octets);
      break;
    case State::Frame:
      handler_.OnFrame(octets);
      break;
  }
}

void MimeReader::TakeHeaderLine(std::string_view line) {
  const bool first = std::exchange(first_line_, false);
  if (line == "\n" || line == "\r\n") {
    EndField();
    EndHeader(line);
  } else if ((line[0] == ' ' || line[0] == '\t') && !field_.empty()) {
    PassOn(line);
  } else if (FieldNameSize(line) > 0 || (first && IsMboxLine(line))) {
    EndField();
    PassOn(line);
  } else {
    EndField();
    EndHeader({});
    if (state_ == State::Header) return TakeHeaderLine(line);  // of the message within
    PassOn(line);
  }
}

// The multipart whose delimiter comes need not be the innermost: one that was cut off is over with it.
bool MimeReader::TakeDelimiter(std::string_view line) {
  if (levels_.empty() || !line.starts_with("--")) return false;
  for (std::size_t level = levels_.size(); level-- > 0;)
    if (TakeDelimiterOf(level, line)) return true;
  return false;
}

bool MimeReader::TakeDelimiterOf(std::size_t level, std::string_view line) {
  const auto text = line.substr(2, line.find_last_not_of(" \t\r\n") - 1);
  auto& boundaries = levels_[level].boundaries;
  const auto fits = [text](const auto& boundary) { return text == boundary || text == boundary + "--"; };
  const auto found = std::ranges::find_if(boundaries, fits);
  if (found == boundaries.end()) return false;
  const bool closing = text != *found;
  boundaries = {std::string(*found)};
  EndPart();
  state_ = State::Frame;
  handler_.OnFrame(line);
  levels_.resize(closing ? level : level + 1);
  // The parts of a multipart/digest are messages if they don't say otherwise (RFC 2046 section 5.1.5).
  if (!closing) BeginHeader({.kind = levels_.back().digest ? MimePart::Kind::Message : MimePart::Kind::Leaf});
  return true;
}

void MimeReader::BeginHeader(MimePart part) {
  state_ = State::Header;
  part_ = part;
  content_ = {};
}

void MimeReader::EndField() {
  if (field_.empty()) return;
  NoteField();
  handler_.OnField(field_);
  field_.clear();
}

void MimeReader::NoteField() {
  const HeaderField field{std::string_view(field_).substr(0, FieldNameSize(field_)), field_};
  if (field.Is("MIME-Version")) part_.has_version = true;
  if (field.Is("Content-Transfer-Encoding")) NoteEncoding(field.Body());
  if (field.Is("Content-Type")) NoteType(field.Body());
}

// Of two fields that differ, one reader takes the first and another the second.
void MimeReader::NoteEncoding(std::string_view body) {
  const auto encoding = ParseEncoding(body);
  const bool again = std::exchange(part_.has_encoding, true);
  part_.encoding = again && encoding != part_.encoding ? MimePart::Encoding::Other : encoding;
}

void MimeReader::NoteType(std::string_view body) {
  auto content = ContentType::Parse(body);
  auto kind = KindOf(content);
  const bool again = std::exchange(part_.has_type, true);
  if (again && content != content_ && (kind != MimePart::Kind::Leaf || part_.kind != MimePart::Kind::Leaf))
    kind = MimePart::Kind::Opaque;
  part_.kind = kind;
  content_ = std::move(content);
}

MimePart::Kind MimeReader::KindOf(const ContentType& content) const noexcept {
  using PartKind = MimePart::Kind;
  if (content.type == "message") {
    const bool is_whole = content.subtype == "rfc822" || content.subtype == "global";
    return is_whole ? PartKind::Message : PartKind::Opaque;
  }
  if (content.type == "multipart") {
    // Nobody but the signer may touch what is signed (RFC 1847 section 2.1).
    const bool is_readable = !content.subtype.empty() && content.subtype != "signed" &&
                             !content.boundaries.empty() && content.boundaries[0].size() <= kMaxBoundary &&
                             levels_.size() < kMaxDepth;
    return is_readable ? PartKind::Multipart : PartKind::Opaque;
  }
  const bool is_type = !content.type.empty() && (!content.subtype.empty() || content.type == "text");
  return is_type ? PartKind::Leaf : PartKind::Opaque;
}

void MimeReader::EndHeader(std::string_view empty_line) {
  using Encoding = MimePart::Encoding;
  const bool plain = part_.encoding == Encoding::Identity || part_.encoding == Encoding::Binary;
  // An encoded message is against RFC 2046, but occurs; what it encodes is not looked into.
  if (part_.kind == MimePart::Kind::Message && !plain) part_.kind = MimePart::Kind::Opaque;
  handler_.OnHeaderEnd(part_, empty_line);
  switch (part_.kind) {
    case MimePart::Kind::Message:
      return BeginHeader({.is_message = true});
    case MimePart::Kind::Multipart:
      levels_.push_back({std::move(content_.boundaries), content_.subtype == "digest"});
      state_ = State::Frame;
      return;
    case MimePart::Kind::Leaf:
    case MimePart::Kind::Opaque:
      state_ = State::Content;
      return;
  }
}

void MimeReader::Finish() {
  if (!line_.empty()) TakeLine(std::exchange(line_, {}));
  EndPart();
}

// A header section that nothing has ended yet is over, too, and that of the message it may be about.
void MimeReader::EndPart() {
  while (state_ == State::Header) {
    EndField();
    EndHeader({});
  }
  if (state_ == State::Content) handler_.OnContentEnd();
}

}  // namespace mail
