// SPDX-License-Identifier: BSD-2-Clause
#include "mail/address.hxx"

#include <algorithm>

namespace mail {

namespace {

bool IsControl(char c) noexcept {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7f;
}

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

}  // namespace

std::optional<Address> Address::Parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxLength || std::ranges::any_of(text, IsControl)) return std::nullopt;
  const auto at = FindEndOfLocal(text);
  if (!at || *at == 0 || *at + 1 == text.size()) return std::nullopt;
  if (*at == text.size()) return Address{std::string(text), {}};
  return Address{std::string(text.substr(0, *at)), std::string(text.substr(*at + 1))};
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
