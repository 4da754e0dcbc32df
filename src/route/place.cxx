// SPDX-License-Identifier: BSD-2-Clause
#include "route/place.hxx"

#include "base/text.hxx"

#include <cstddef>
#include <string_view>

namespace route {

namespace {

std::string WithoutNeedlessParts(std::string_view path) {
  std::string text;
  for (const auto& name : SplitList(path, "/"))
    if (name != ".") text.append("/").append(name);
  return text + (path.ends_with('/') ? "/" : "");
}

}  // namespace

std::string ExpandUser(const std::string& pattern, const std::string& user) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size())
      text += pattern[++i] == 'u' ? user : std::string(1, pattern[i]);
    else
      text += pattern[i];
  }
  return text;
}

std::optional<std::string> DestinationOf(const mail::Destination& entry) {
  if (entry.kind == mail::Destination::Kind::Command) return "|" + entry.text;
  if (entry.kind != mail::Destination::Kind::File) return std::nullopt;
  std::string pattern;
  for (const char c : entry.text) pattern.append(c == '%' ? 2 : 1, c);
  return pattern;
}

std::string CanonicalPlace(const std::string& destination, const User& user) {
  if (!destination.starts_with('/') && !destination.starts_with("~/")) return destination;
  const auto expanded = ExpandUser(destination, user.name);
  if (expanded.starts_with('~')) return "~" + WithoutNeedlessParts(expanded.substr(1));
  const auto path = WithoutNeedlessParts(expanded);
  const auto home = user.home.starts_with('/') ? WithoutNeedlessParts(user.home + "/") : "/";
  return home.size() > 1 && path.starts_with(home) ? "~/" + path.substr(home.size()) : path;
}

}  // namespace route
