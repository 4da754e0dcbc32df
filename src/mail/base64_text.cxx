// SPDX-License-Identifier: BSD-2-Clause
#include "mail/base64_text.hxx"

#include <utility>

namespace mail {

namespace {

constexpr std::size_t kBase64Line = 76;  // RFC 2045 section 6.8

}  // namespace

bool IsBase64Text(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("+/= \t\r\n").find(c) != std::string_view::npos;
}

void Base64Folder::Add(std::string_view block, std::string& out) {
  for (const char c : block) {
    if (std::exchange(held_cr_, c == '\r') && c != '\n') EndLine(out);
    if (c == '\r') continue;
    if (c == '\n') {
      EndLine(out);
      continue;
    }
    if (column_ == kBase64Line) EndLine(out);
    out += c;
    ++column_;
  }
}

void Base64Folder::Finish(std::string& out) {
  if (std::exchange(held_cr_, false)) EndLine(out);
}

void Base64Folder::EndLine(std::string& out) {
  out += '\n';
  column_ = 0;
}

}  // namespace mail
