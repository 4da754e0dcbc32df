// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/extensions.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <utility>

namespace smtp {

namespace {

constexpr std::pair<std::string_view, bool Extensions::*> kFlags[] = {
    {"STARTTLS", &Extensions::starttls}, {"PIPELINING", &Extensions::pipelining},
    {"SIZE", &Extensions::size},         {"8BITMIME", &Extensions::eight_bit_mime},
    {"SMTPUTF8", &Extensions::smtputf8}, {"DSN", &Extensions::dsn},
};

void ParseLine(Extensions& extensions, std::string_view line) {
  // "AUTH=" is how servers wrote it before RFC 2554; some still say both.
  const auto words = SplitList(line, " \t=");
  if (words.empty()) return;
  for (const auto& [keyword, member] : kFlags)
    if (EqualsIgnoreCase(words[0], keyword)) extensions.*member = true;
  if (!EqualsIgnoreCase(words[0], "AUTH")) return;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (!extensions.HasAuth(words[i])) extensions.auth.push_back(words[i]);
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

}  // namespace smtp
