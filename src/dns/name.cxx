// SPDX-License-Identifier: BSD-2-Clause
#include "dns/name.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <idn2.h>
#include <memory>

namespace dns {

namespace {

constexpr std::size_t kMaxName = 253;  // octets, in the form with dots
constexpr std::size_t kMaxLabel = 63;

bool IsPlain(char c) noexcept {
  return c > ' ' && c <= '~' && c != '.' && c != '\\';
}

bool HasGoodLabels(std::string_view name) noexcept {
  if (name.empty() || name.size() > kMaxName) return false;
  for (;;) {
    const auto dot = std::min(name.find('.'), name.size());
    if (dot == 0 || dot > kMaxLabel || !std::ranges::all_of(name.substr(0, dot), IsPlain)) return false;
    if (dot == name.size()) return true;
    name.remove_prefix(dot + 1);
  }
}

std::optional<std::string> Convert(const std::string& name) {
  char* converted = nullptr;
  const int error = idn2_to_ascii_8z(name.c_str(), &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, decltype(&idn2_free)> owner(converted, &idn2_free);
  if (error != IDN2_OK) return std::nullopt;
  return std::string(converted);
}

}  // namespace

std::optional<std::string> ToAscii(std::string_view name) {
  if (name.find('\0') != name.npos) return std::nullopt;
  if (name.ends_with('.')) name.remove_suffix(1);
  auto ascii = ToLower(name);
  if (!IsAscii(ascii)) {
    auto converted = Convert(ascii);
    if (!converted) return std::nullopt;
    ascii = std::move(*converted);
  }
  if (!HasGoodLabels(ascii)) return std::nullopt;
  return ascii;
}

bool IsLocalhost(std::string_view name) noexcept {
  constexpr std::string_view kName = "localhost";
  if (name.size() <= kName.size()) return EqualsIgnoreCase(name, kName);
  const auto at = name.size() - kName.size();
  return name[at - 1] == '.' && EqualsIgnoreCase(name.substr(at), kName);
}

std::optional<std::string> TakeWireName(std::string_view& rdata) {
  std::string name;
  while (!rdata.empty()) {
    const std::size_t size = static_cast<std::uint8_t>(rdata[0]);
    if (size > kMaxLabel || rdata.size() <= size) return std::nullopt;
    const auto label = rdata.substr(1, size);
    rdata.remove_prefix(size + 1);
    if (size == 0) return name.empty() ? "." : name;
    if (!std::ranges::all_of(label, IsPlain)) return std::nullopt;
    if (!name.empty()) name += '.';
    name += label;
    if (name.size() > kMaxName) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace dns
