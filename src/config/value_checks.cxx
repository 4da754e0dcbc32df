// SPDX-License-Identifier: BSD-2-Clause
#include "config/value_checks.hxx"

#include "base/text.hxx"
#include "config/domain_name.hxx"
#include "config/relay_url.hxx"
#include "mail/address.hxx"
#include "mail/destination.hxx"

#include <algorithm>
#include <arpa/inet.h>

namespace config {

namespace {

constexpr std::size_t kMaxCredentialLabel = 100;
constexpr std::string_view kPinKind = "sha256//";
constexpr std::size_t kDigestText = 44;    // characters: 32 octets in Base64, with one "=" at the end
constexpr std::size_t kMaxUserName = 256;  // what systemd takes at most
constexpr std::string_view kLmtp = "lmtp:";
constexpr std::string_view kPlugin = "plugin:";

bool HasOnlyKnownSpecifiers(std::string_view text, std::string_view letters = "u%") noexcept {
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 2))
    if (at + 1 == text.size() || letters.find(text[at + 1]) == letters.npos) return false;
  return true;
}

// A letter stands for what a specifier would.
bool IsAddressWithSpecifiers(std::string_view text) {
  std::string example;
  for (std::size_t i = 0; i < text.size(); ++i) example += text[i] == '%' ? text[++i] : text[i];
  return mail::Address::Parse(example).has_value();
}

bool LeadsUp(std::string_view path) {
  const auto parts = SplitList(path, "/");
  return std::ranges::count(parts, "..") > 0;
}

std::string FaultOfMailboxPath(std::string_view path) {
  const bool absolute = path.starts_with('/') && path.size() > 1;
  const bool home = path.starts_with("~/") && path.size() > 2;
  if (!absolute && !home) return "neither an absolute path nor one that begins with ~/";
  if (LeadsUp(path)) return "a path with .. in it";
  if (!HasOnlyKnownSpecifiers(path)) return "only %u and %% have a meaning after a percent sign";
  return {};
}

std::string FaultOfLmtp(std::string_view text) {
  if (!text.starts_with("lmtp:/")) return "a server is written lmtp:/PATH or lmtp://HOST:PORT";
  RelayUrl::Error error;
  const auto url = RelayUrl::Parse(text, &error);
  if (!url) return error.text;
  return url->label.empty() ? "" : "nobody logs in to LMTP";
}

std::string FaultOfPlugin(std::string_view path) {
  if (path.starts_with('/') && path.ends_with(".so") && !LeadsUp(path)) return {};
  return "a plugin is a file with an absolute path that ends in .so";
}

bool IsLetterOrDigit(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsOneOf(std::string_view set, char c) noexcept {
  return set.find(c) != set.npos;
}

bool IsLocalPart(std::string_view text) {
  const auto address = mail::Address::Parse(text);
  return address && address->domain.empty();
}

}  // namespace

bool IsMasquerade(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == text.npos) return IsDomainName(text);
  const auto domain = text.substr(at + 1);
  return IsLocalPart(text.substr(0, at)) && (domain.empty() || IsDomainName(domain));
}

std::string FaultOfMailbox(std::string_view text) {
  if (text.starts_with(kLmtp)) return FaultOfLmtp(text);
  if (text.starts_with(kPlugin)) return FaultOfPlugin(text.substr(kPlugin.size()));
  if (text.starts_with('|')) return mail::FaultOfCommand(text.substr(1));
  return FaultOfMailboxPath(text);
}

bool IsServiceUser(std::string_view text) noexcept {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_other = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= kMaxUserName && text != "root" && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_other(c); });
}

bool IsRecipientDelimiter(std::string_view text) noexcept {
  return text.size() == 1 && std::string_view("+-=_.~#%&*^$!?").find(text.front()) != std::string_view::npos;
}

bool IsCommand(std::string_view text) {
  return mail::FaultOfCommand(text).empty();
}

bool IsAddressPattern(std::string_view text) {
  return HasOnlyKnownSpecifiers(text) && IsAddressWithSpecifiers(text);
}

bool IsMailboxAddress(std::string_view text) {
  return HasOnlyKnownSpecifiers(text, "ud%") && text.find("%u") != text.npos && IsAddressWithSpecifiers(text);
}

bool IsAddressOf(int family, std::string_view text) {
  in6_addr address;
  return text.size() < INET6_ADDRSTRLEN && text.find('\0') == text.npos &&
         ::inet_pton(family, std::string(text).c_str(), &address) == 1;
}

bool IsIpAddress(std::string_view text) {
  return IsAddressOf(AF_INET, text) || IsAddressOf(AF_INET6, text);
}

bool IsHelo(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return IsDomainName(text);
  static constexpr std::string_view kIpv6 = "IPv6:";
  const auto literal = text.substr(1, text.size() - 2);
  return literal.starts_with(kIpv6) ? IsAddressOf(AF_INET6, literal.substr(kIpv6.size()))
                                    : IsAddressOf(AF_INET, literal);
}

bool IsPin(std::string_view text) noexcept {
  if (!text.starts_with(kPinKind) || !text.ends_with('=')) return false;
  const auto digest = text.substr(kPinKind.size());
  return digest.size() == kDigestText && std::ranges::all_of(digest.substr(0, kDigestText - 1), [](char c) {
           return IsLetterOrDigit(c) || IsOneOf("+/", c);
         });
}

bool IsAbsolutePath(std::string_view text) {
  return text.starts_with('/') && text.size() > 1 && !LeadsUp(text);
}

bool IsCredentialLabel(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxCredentialLabel && text.front() != '.' &&
         std::ranges::all_of(text, [](char c) { return IsLetterOrDigit(c) || IsOneOf("-_.+", c); });
}

}  // namespace config
