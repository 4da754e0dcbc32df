// SPDX-License-Identifier: BSD-2-Clause
#include "unit/mail/mime_decoder.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <regex>

namespace {

std::string HeaderOf(std::string_view part) {
  std::string header(part.substr(0, std::min(part.find("\n\n"), part.size())));
  return std::regex_replace("\n" + header + "\n", std::regex("\n[ \t]"), " ");
}

std::string FieldOf(const std::string& header, const std::string& name) {
  std::smatch match;
  const std::regex field("\n" + name + ":[ \t]*([^\n]*)", std::regex::icase);
  return std::regex_search(header, match, field) ? match[1].str() : "";
}

void Decode(std::string_view part, std::vector<std::string>& contents);

void DecodeParts(std::string_view body, const std::string& boundary, std::vector<std::string>& contents) {
  const std::string text = "\n" + std::string(body) + "\n";
  const std::string delimiter = "\n--" + boundary;
  auto at = text.find(delimiter + "\n");
  while (at != text.npos) {
    const auto begin = at + delimiter.size();
    const auto next = std::min(text.find(delimiter + "\n", begin), text.find(delimiter + "--\n", begin));
    Decode(std::string_view(text).substr(begin + 1, next - begin - 1), contents);
    at = text.compare(next, delimiter.size() + 1, delimiter + "\n") == 0 ? next : text.npos;
  }
}

void Decode(std::string_view part, std::vector<std::string>& contents) {
  const bool empty_header = part.starts_with('\n');
  const auto header = empty_header ? "" : HeaderOf(part);
  const auto body = part.substr(empty_header ? 1 : std::min(part.find("\n\n") + 2, part.size()));
  const auto type = FieldOf(header, "Content-Type");
  const auto encoding = ToLower(FieldOf(header, "Content-Transfer-Encoding"));
  std::smatch boundary;
  if (type.starts_with("multipart/") &&
      std::regex_search(type, boundary, std::regex("boundary=\"([^\"]*)\"")))
    DecodeParts(body, boundary[1], contents);
  else if (type.starts_with("message/rfc822"))
    Decode(body, contents);
  else
    contents.push_back(encoding == "quoted-printable" ? DecodeQuotedPrintable(body)
                       : encoding == "base64"         ? DecodeBase64(body)
                                                      : std::string(body));
}

}  // namespace

std::string DecodeQuotedPrintable(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      plain += text[i];
    } else if (text.substr(i + 1).starts_with('\n')) {
      ++i;
    } else {
      plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
  }
  return plain;
}

std::string DecodeBase64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string plain;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == kDigits.npos) continue;
    bits = (bits << 6) | static_cast<unsigned>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    plain += static_cast<char>(bits >> count);
  }
  return plain;
}

std::vector<std::string> DecodeMessage(std::string_view message) {
  std::vector<std::string> contents;
  Decode(message, contents);
  return contents;
}

std::string WithoutLineEndCr(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') plain += text[i];
  return plain;
}

std::string FindUnfit(std::string_view text, bool seven_bit) {
  const auto plain = WithoutLineEndCr(text);
  if (plain.find('\0') != plain.npos) return "NUL";
  if (plain.find('\r') != plain.npos) return "CR";
  const auto is_eight_bit = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (seven_bit && std::ranges::any_of(plain, is_eight_bit)) return "8-bit";
  for (std::size_t begin = 0; begin < plain.size();) {
    const auto end = std::min(plain.find('\n', begin), plain.size());
    if (end - begin > 998) return "long line";
    begin = end + 1;
  }
  return "";
}
