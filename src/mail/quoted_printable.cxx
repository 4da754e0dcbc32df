// SPDX-License-Identifier: BSD-2-Clause
#include "mail/quoted_printable.hxx"

#include "base/utf8.hxx"

#include <utility>

namespace mail {

namespace {

constexpr std::size_t kMaxColumn = 75;  // the line may have 76 with the "=" of a soft break
constexpr std::size_t kEncoded = 3;     // columns of =XX

// Of a character of UTF-8 that begins with it; 1 for any other octet.
std::size_t LengthFrom(char lead) noexcept {
  const auto octet = static_cast<unsigned char>(lead);
  if (octet >= 0xf0 && octet < 0xf8) return 4;
  if (octet >= 0xe0 && octet < 0xf0) return 3;
  return octet >= 0xc2 && octet < 0xe0 ? 2 : 1;
}

}  // namespace

void QuotedPrintable::Add(std::string_view block, std::string& out) {
  for (const char c : block) Take(c, out);
}

void QuotedPrintable::Finish(std::string& out) {
  TakeHeld(true, out);
}

void QuotedPrintable::Take(char c, std::string& out) {
  if (c == '\n') {
    if (held_.ends_with('\r')) held_.pop_back();
    TakeHeld(true, out);
    out += '\n';
    column_ = 0;
    return;
  }
  if (c == '\r' && !held_.ends_with('\r')) {
    held_ += c;
    return;
  }
  TakeHeld(false, out);
  if (c == ' ' || c == '\t' || c == '\r')
    held_ = c;
  else
    Put(c, out);
}

void QuotedPrintable::TakeHeld(bool line_ends, std::string& out) {
  for (const char c : std::exchange(held_, {})) {
    // White space at the end of a line is encoded, for it gets lost on the way; where it is encoded already,
    // what stands there is not part of the text.
    const bool literal = c != '\r' && (!line_ends || source_ == Source::Encoded);
    if (literal)
      PutLiteral(c, 1, out);
    else
      Put(c, out);
  }
}

bool QuotedPrintable::IsLiteral(char c) const noexcept {
  return c > 0x20 && c < 0x7f && (c != '=' || source_ == Source::Encoded);
}

void QuotedPrintable::Put(char c, std::string& out) {
  // No break between the "=" and what it encodes.
  if (IsLiteral(c)) return PutLiteral(c, c == '=' ? kEncoded : 1, out);
  if (whole_ > 0 && IsUtf8Continuation(c)) {
    --whole_;
  } else {
    whole_ = LengthFrom(c) - 1;
    (void)MakeRoom((whole_ + 1) * kEncoded, out);
  }
  PutEncoded(c, out);
}

void QuotedPrintable::PutLiteral(char c, std::size_t room, std::string& out) {
  const bool begins_line = MakeRoom(room, out);
  whole_ = 0;
  // A line that only we begin there must not be taken for a delimiter of the multipart around the text.
  if (begins_line && c == '-') return PutEncoded(c, out);
  ++column_;
  out += c;
}

void QuotedPrintable::PutEncoded(char c, std::string& out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  out += {'=', kHex[octet >> 4], kHex[octet & 15]};
  column_ += kEncoded;
}

// For so many columns, on this line or, returning true, on another.
bool QuotedPrintable::MakeRoom(std::size_t columns, std::string& out) {
  if (column_ + columns <= kMaxColumn) return false;
  out += "=\n";
  column_ = 0;
  return true;
}

}  // namespace mail
