// SPDX-License-Identifier: BSD-2-Clause
#include "mail/address.hxx"

#include "base/text.hxx"
#include "base/utf8.hxx"

#include <algorithm>

namespace mail {

namespace {

// The end of the local part: the last "@" outside of quotes, or the end of the text.
std::optional<std::size_t> FindEndOfLocal(std::string_view text) noexcept {
  bool quoted = false;
  std::size_t at = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && quoted) {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      if (text[i] == '@') at = i;
      if (text[i] == ' ' || text[i] == '<' || text[i] == '>') return std::nullopt;
    }
  }
  if (quoted) return std::nullopt;
  return at;
}

bool IsDomainOctet(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

// dcontent of RFC 5321 section 4.1.3, less what could be taken for the end of something.
bool IsLiteralOctet(char c) noexcept {
  return c > ' ' && c < 0x7f && std::string_view("\"<>[]\\").find(c) == std::string_view::npos;
}

// A domain goes into commands and headers as it is: no quotes may hide a bracket or a blank in it.
bool IsDomain(std::string_view text) noexcept {
  if (text.size() > 2 && text.starts_with('[') && text.ends_with(']'))
    return std::ranges::all_of(text.substr(1, text.size() - 2), IsLiteralOctet);
  return IsUtf8(text) && std::ranges::all_of(text, IsDomainOctet) && !text.starts_with('.') &&
         text.find("..") == text.npos;
}

}  // namespace

std::optional<Address> Address::Parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxLength || HasControl(text)) return std::nullopt;
  const auto at = FindEndOfLocal(text);
  if (!at || *at == 0 || *at + 1 == text.size()) return std::nullopt;
  if (*at == text.size()) return Address{std::string(text), {}};
  auto domain = text.substr(*at + 1);
  if (!IsDomain(domain)) return std::nullopt;
  if (domain.ends_with('.')) domain.remove_suffix(1);
  return Address{std::string(text.substr(0, *at)), std::string(domain)};
}

std::string Address::ToString() const {
  return domain.empty() ? local : local + "@" + domain;
}

std::string Qualify(const std::string& text, const std::string& domain) {
  const auto address = Address::Parse(text);
  if (!address || !address->domain.empty() || domain.empty()) return text;
  return Address{address->local, domain}.ToString();
}

}  // namespace mail
