// SPDX-License-Identifier: BSD-2-Clause
#include "config/time_span.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <charconv>

namespace config {

namespace {

constexpr double kSecond = 1e6;  // microseconds
constexpr double kDay = 86400 * kSecond;

struct Unit {
  std::string_view name;
  double microseconds;
};

// "m" is a minute and "M" a month: case matters.
constexpr Unit kUnits[] = {
    {"", kSecond},
    {"seconds", kSecond},
    {"second", kSecond},
    {"sec", kSecond},
    {"s", kSecond},
    {"minutes", 6e7},
    {"minute", 6e7},
    {"min", 6e7},
    {"m", 6e7},
    {"hours", 3.6e9},
    {"hour", 3.6e9},
    {"hr", 3.6e9},
    {"h", 3.6e9},
    {"days", kDay},
    {"day", kDay},
    {"d", kDay},
    {"weeks", 7 * kDay},
    {"week", 7 * kDay},
    {"w", 7 * kDay},
    {"months", 30.44 * kDay},
    {"month", 30.44 * kDay},
    {"M", 30.44 * kDay},
    {"years", 365.25 * kDay},
    {"year", 365.25 * kDay},
    {"y", 365.25 * kDay},
    {"msec", 1e3},
    {"ms", 1e3},
    {"usec", 1},
    {"us", 1},
    {"µs", 1},
    {"μs", 1},
};

constexpr std::string_view kDigits = "0123456789.";

std::optional<double> TakeNumber(std::string_view& rest) noexcept {
  const auto text = rest.substr(0, rest.find_first_not_of(kDigits));
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  rest.remove_prefix(text.size());
  return number;
}

std::optional<double> TakeUnit(std::string_view& rest) noexcept {
  rest = Trim(rest);
  const auto name = rest.substr(0, rest.find_first_of("0123456789. \t"));
  const auto* const unit = std::ranges::find(kUnits, name, &Unit::name);
  if (unit == std::end(kUnits)) return std::nullopt;
  rest = Trim(rest.substr(name.size()));
  return unit->microseconds;
}

}  // namespace

std::optional<mail::Duration> ParseTimeSpan(std::string_view text) noexcept {
  auto rest = Trim(text);
  double total = 0;
  do {
    const auto number = TakeNumber(rest);
    const auto unit = number ? TakeUnit(rest) : std::nullopt;
    if (!unit) return std::nullopt;
    total += *number * *unit;
  } while (!rest.empty());
  if (total > static_cast<double>(kMaxTimeSpan.count())) return std::nullopt;
  return mail::Duration(
      static_cast<mail::Duration::rep>(total + 0.5));  // not llround: sendmail would load libm for it
}

}  // namespace config
