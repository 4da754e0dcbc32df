// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/extensions.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <utility>

namespace smtp {

namespace {

constexpr std::pair<std::string_view, bool Extensions::*> kFlags[] = {
    {"STARTTLS", &Extensions::starttls},
    {"PIPELINING", &Extensions::pipelining},
    {"SIZE", &Extensions::size},
    {"SMTPUTF8", &Extensions::smtputf8},
    {"8BITMIME", &Extensions::eight_bit_mime},
    {"DSN", &Extensions::dsn},
    {"REQUIRETLS", &Extensions::requiretls},
};

constexpr std::pair<std::string_view, std::size_t Limits::*> kLimits[] = {
    {"MAILMAX", &Limits::mail_max},
    {"RCPTMAX", &Limits::rcpt_max},
    {"RCPTDOMAINMAX", &Limits::rcpt_domain_max},
};

// "NAME=NUMBER"; anything else has no effect (RFC 9422 section 3).
void ParseLimit(Limits& limits, std::string_view word) {
  const auto name = word.substr(0, word.find('='));
  const auto number = ParseNumber<std::size_t>(word.substr(std::min(name.size() + 1, word.size())));
  if (!number || *number == 0) return;
  for (const auto& [keyword, member] : kLimits)
    if (EqualsIgnoreCase(name, keyword)) limits.*member = std::min(limits.*member, *number);
}

// The name of a mechanism goes into reports and, chosen, back to the server (RFC 4422 section 3.1).
bool IsMechanism(std::string_view word) noexcept {
  return std::ranges::all_of(word, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

void ParseLine(Extensions& extensions, std::string_view line) {
  // "AUTH=" is how servers wrote it before RFC 2554; some still say both.
  const auto words = SplitList(line, " \t=");
  if (words.empty()) return;
  for (const auto& [keyword, member] : kFlags)
    if (EqualsIgnoreCase(words[0], keyword)) extensions.*member = true;
  if (EqualsIgnoreCase(words[0], "LIMITS"))
    for (const auto& word : SplitList(line, " \t")) ParseLimit(extensions.limits, word);
  if (!EqualsIgnoreCase(words[0], "AUTH")) return;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (IsMechanism(words[i]) && !extensions.HasAuth(words[i])) extensions.auth.push_back(words[i]);
}

}  // namespace

Extensions Extensions::Parse(const Reply& reply) {
  Extensions extensions;
  // The first line is the server's name and greeting.
  for (std::size_t i = 1; i < reply.lines.size(); ++i) ParseLine(extensions, reply.lines[i]);
  return extensions;
}

bool Extensions::HasAuth(std::string_view mechanism) const noexcept {
  return std::ranges::any_of(auth, [&](const auto& offered) { return EqualsIgnoreCase(offered, mechanism); });
}

std::string Extensions::ToString() const {
  const struct {
    bool offered;
    const char* name;
  } kNames[] = {{starttls, "STARTTLS"},       {pipelining, "PIPELINING"}, {size, "SIZE"},
                {eight_bit_mime, "8BITMIME"}, {smtputf8, "SMTPUTF8"},     {dsn, "DSN"},
                {requiretls, "REQUIRETLS"},   {!auth.empty(), "AUTH"}};
  std::string text;
  for (const auto& [offered, name] : kNames)
    if (offered) text += (text.empty() ? "" : " ") + std::string(name);
  for (const auto& mechanism : auth) text += " " + mechanism;
  return text;
}

}  // namespace smtp
