// SPDX-License-Identifier: BSD-2-Clause
#include "mx/sts_policy.hxx"

#include "base/text.hxx"
#include "dns/name.hxx"

#include <algorithm>
#include <cstdint>

namespace mx {

namespace {

constexpr std::string_view kVersion = "STSv1";
constexpr std::string_view kRecord = "v=STSv1";
constexpr std::size_t kMaxId = 32;
constexpr std::size_t kMaxAgeDigits = 10;

bool IsAlphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// NAME or "*.NAME" in the form of dns::ToAscii; empty for what no host can be called.
std::optional<std::string> ParsePattern(std::string_view text) {
  const std::string_view wildcard = text.starts_with("*.") ? "*." : "";
  const auto name = dns::ToAscii(text.substr(wildcard.size()));
  if (!name) return std::nullopt;
  return std::string(wildcard) + *name;
}

// The fields of a policy; of those that stand there once, the first counts.
struct Fields {
  std::optional<std::string> version, mode, max_age;
  std::vector<std::string> hosts;
};

void Set(std::optional<std::string>& field, std::string_view value) {
  if (!field) field = value;
}

void Take(Fields& fields, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return;
  const auto key = Trim(line.substr(0, colon));
  const auto value = Trim(line.substr(colon + 1));
  if (key == "version") Set(fields.version, value);
  if (key == "mode") Set(fields.mode, value);
  if (key == "max_age") Set(fields.max_age, value);
  if (key != "mx" || fields.hosts.size() == StsPolicy::kMaxHosts) return;
  if (auto pattern = ParsePattern(value)) fields.hosts.push_back(std::move(*pattern));
}

std::optional<StsPolicy::Mode> ParseMode(std::string_view text) noexcept {
  if (text == "enforce") return StsPolicy::Mode::Enforce;
  if (text == "testing") return StsPolicy::Mode::Testing;
  if (text == "none") return StsPolicy::Mode::None;
  return std::nullopt;
}

bool IsId(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxId && std::ranges::all_of(text, IsAlphanumeric);
}

bool IsRecord(std::string_view text) noexcept {
  return text.starts_with(kRecord) && Trim(text.substr(kRecord.size())).starts_with(';');
}

}  // namespace

std::optional<StsPolicy> StsPolicy::Parse(std::string_view text, std::string& why) {
  Fields fields;
  for (const auto& line : SplitList(text.substr(0, kMaxText), "\n")) Take(fields, line);
  const auto mode = ParseMode(fields.mode.value_or(std::string()));
  const auto age = ParseNumber<std::uint64_t>(fields.max_age.value_or(std::string()));
  if (fields.version != kVersion)
    why = "it is not of version STSv1";
  else if (!mode)
    why = "its mode is none of enforce, testing and none";
  else if (!age || fields.max_age->size() > kMaxAgeDigits)
    why = "its max_age is no number of seconds";
  else if (fields.hosts.empty() && mode != Mode::None)
    why = "it names no mx";
  else
    return StsPolicy{*mode, std::move(fields.hosts),
                     std::min(std::chrono::seconds(static_cast<std::int64_t>(*age)), kMaxAge)};
  return std::nullopt;
}

bool StsPolicy::Names(std::string_view host) const noexcept {
  const auto dot = host.find('.');
  const auto parent = dot == 0 || dot == host.npos ? std::string_view() : host.substr(dot);
  return std::ranges::any_of(hosts, [&](std::string_view pattern) {
    if (EqualsIgnoreCase(pattern, host)) return true;
    return pattern.starts_with("*.") && !parent.empty() && EqualsIgnoreCase(pattern.substr(1), parent);
  });
}

std::optional<std::string> FindStsId(const std::vector<std::string>& records) {
  if (std::ranges::count_if(records, IsRecord) != 1) return std::nullopt;
  for (const auto& field : SplitList(*std::ranges::find_if(records, IsRecord), ";")) {
    const std::string_view text = field;
    const auto equals = text.find('=');
    if (equals == text.npos || Trim(text.substr(0, equals)) != "id") continue;
    const auto id = Trim(text.substr(equals + 1));
    if (!IsId(id)) return std::nullopt;
    return std::string(id);
  }
  return std::nullopt;
}

}  // namespace mx
