// SPDX-License-Identifier: BSD-2-Clause
#include "config/time_span.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <cstdint>

namespace config {

namespace {

// Integers throughout: floating point would make sendmail, which reads the configuration, load libm.
constexpr std::int64_t kSecond = 1'000'000;  // microseconds
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kMonth = 2'630'016 * kSecond;  // 30.44 days
constexpr std::int64_t kYear = 31'557'600 * kSecond;  // 365.25 days

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};

// "m" is a minute and "M" a month: case matters.
constexpr Unit kUnits[] = {
    {"", kSecond},       {"seconds", kSecond},
    {"second", kSecond}, {"sec", kSecond},
    {"s", kSecond},      {"minutes", kMinute},
    {"minute", kMinute}, {"min", kMinute},
    {"m", kMinute},      {"hours", kHour},
    {"hour", kHour},     {"hr", kHour},
    {"h", kHour},        {"days", kDay},
    {"day", kDay},       {"d", kDay},
    {"weeks", 7 * kDay}, {"week", 7 * kDay},
    {"w", 7 * kDay},     {"months", kMonth},
    {"month", kMonth},   {"M", kMonth},
    {"years", kYear},    {"year", kYear},
    {"y", kYear},        {"msec", 1000},
    {"ms", 1000},        {"usec", 1},
    {"us", 1},           {"µs", 1},
    {"μs", 1},
};

constexpr std::string_view kNumber = "0123456789.";

std::string_view TakeNumber(std::string_view& rest) noexcept {
  const auto number = rest.substr(0, rest.find_first_not_of(kNumber));
  rest.remove_prefix(number.size());
  return number;
}

std::optional<std::int64_t> TakeUnit(std::string_view& rest) noexcept {
  rest = Trim(rest);
  const auto name = rest.substr(0, rest.find_first_of("0123456789. \t"));
  const auto* const unit = std::ranges::find(kUnits, name, &Unit::name);
  if (unit == std::end(kUnits)) return std::nullopt;
  rest = Trim(rest.substr(name.size()));
  return unit->microseconds;
}

// "1.5" of a unit; what a digit behind the dot is too small for is cut off.
std::optional<std::int64_t> Multiply(std::string_view number, std::int64_t unit) noexcept {
  const auto dot = std::min(number.find('.'), number.size());
  const auto fraction = number.substr(std::min(dot + 1, number.size()));
  const auto whole = dot == 0 && !fraction.empty() ? 0 : ParseNumber<std::int64_t>(number.substr(0, dot));
  if (!whole || *whole > kMaxTimeSpan.count() / unit || fraction.find('.') != fraction.npos)
    return std::nullopt;
  auto product = *whole * unit;
  for (const char digit : fraction) product += (digit - '0') * (unit /= 10);
  return product;
}

}  // namespace

std::optional<mail::Duration> ParseTimeSpan(std::string_view text) noexcept {
  auto rest = Trim(text);
  mail::Duration total{};
  do {
    const auto number = TakeNumber(rest);
    const auto unit = TakeUnit(rest);
    const auto product = unit ? Multiply(number, *unit) : std::nullopt;
    if (!product) return std::nullopt;
    total += mail::Duration(*product);
    if (total > kMaxTimeSpan) return std::nullopt;
  } while (!rest.empty());
  return total;
}

}  // namespace config
