// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/server/command.hxx"

#include "base/text.hxx"
#include "mail/address_list.hxx"

#include <algorithm>

namespace smtp::server {

namespace {

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper;
}

// Up to the first blank or, in angle brackets, the first ">" that isn't quoted.
std::size_t PathEnd(std::string_view text) noexcept {
  bool quoted = false;
  const bool angle = text.starts_with('<');
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && angle && text[i] == '>')
      return i + 1;
    else if (!quoted && !angle && text[i] == ' ')
      return i;
  }
  return angle || quoted ? text.npos : text.size();
}

std::optional<std::string> ParsePath(std::string_view text) {
  if (text == "<>") return std::string();
  const auto list = mail::ParseAddressList(text);
  if (list.mailboxes.size() != 1 || !list.malformed.empty()) return std::nullopt;
  return list.mailboxes[0].address;
}

}  // namespace

Command Command::Parse(std::string_view line) {
  const auto text = Trim(line);
  const auto end = std::min(text.find(' '), text.size());
  return {ToUpper(text.substr(0, end)), std::string(Trim(text.substr(end)))};
}

std::optional<Path> Path::Parse(std::string_view prefix, std::string_view argument) {
  if (!StartsWithIgnoreCase(argument, prefix)) return std::nullopt;
  const auto text = Trim(argument.substr(prefix.size()));
  const auto end = PathEnd(text);
  if (end == text.npos || end == 0) return std::nullopt;
  const auto address = ParsePath(text.substr(0, end));
  const auto rest = text.substr(end);
  if (!address || (!rest.empty() && rest[0] != ' ')) return std::nullopt;
  Path path{*address, {}};
  for (const auto& word : SplitList(rest, " ")) {
    const auto equals = std::min(word.find('='), word.size());
    path.parameters.push_back(
        {ToUpper(word.substr(0, equals)), word.substr(std::min(equals + 1, word.size()))});
  }
  return path;
}

}  // namespace smtp::server
