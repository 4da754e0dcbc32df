// SPDX-License-Identifier: BSD-2-Clause
#include "table/table_protocol.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>

namespace table::protocol {

namespace {

constexpr std::string_view kVersion = "0.1";

std::string IdText(std::uint64_t id) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016" PRIx64, id);
  return text.data();
}

// The field at the beginning of @p rest, which then has what follows its "|".
std::string_view TakeField(std::string_view& rest) noexcept {
  const auto field = rest.substr(0, rest.find('|'));
  rest.remove_prefix(std::min(field.size() + 1, rest.size()));
  return field;
}

}  // namespace

std::string Greeting(std::string_view name) {
  return "config|smtpd-version|mailqueue\nconfig|protocol|" + std::string(kVersion) + "\nconfig|tablename|" +
         std::string(name) + "\nconfig|ready\n";
}

Registration ParseRegistration(std::string_view line) noexcept {
  if (TakeField(line) != "register" || line.empty()) return Registration::Bad;
  if (line == "ready") return Registration::Ready;
  return line == kService ? Registration::Service : Registration::Other;
}

std::string LookupRequest(std::string_view name, std::uint64_t id, std::string_view key, long long seconds,
                          long microseconds) {
  std::array<char, 48> time{};
  std::snprintf(time.data(), time.size(), "%lld.%06ld", seconds, microseconds);
  std::string line = "table|" + std::string(kVersion) + "|" + time.data() + "|";
  return line.append(name).append("|lookup|").append(kService) + "|" + IdText(id) + "|" + std::string(key) +
         "\n";
}

LookupReply ParseLookupReply(std::string_view line, std::uint64_t id) {
  auto rest = line;
  if (TakeField(rest) != "lookup-result") return Malformed{Quote(line) + " is no result of a lookup"};
  if (const auto field = TakeField(rest); field != IdText(id))
    return Malformed{"the answer is to another question: " + Quote(field)};
  const auto result = TakeField(rest);
  if (result == "not-found" && rest.empty()) return NotFound{};
  if (result == "error") return LookupError{std::string(rest)};
  if (result == "found" && !rest.empty()) return FoundValue{std::string(rest)};
  return Malformed{Quote(line) + " is no result of a lookup"};
}

}  // namespace table::protocol
