// SPDX-License-Identifier: BSD-2-Clause
#include "config/table_spec.hxx"

#include "base/text.hxx"

#include <sys/un.h>

#include <algorithm>

namespace config {

namespace {

using Kind = TableSpec::Kind;

// Each returns what is wrong with the text behind the colon; empty: nothing.

std::string FaultOfStatic(std::string_view text) {
  const auto entries = SplitList(text, ";");
  if (entries.empty()) return "entries are missing: KEY=VALUE; KEY=VALUE";
  for (const auto& entry : entries) {
    const auto equals = entry.find('=');
    const bool whole = equals != entry.npos && !Trim(entry.substr(0, equals)).empty() &&
                       !Trim(entry.substr(equals + 1)).empty();
    if (!whole) return Quote(entry) + " is no KEY=VALUE";
  }
  return {};
}

std::string FaultOfPath(std::string_view text) {
  if (text.starts_with('/') && text.size() > 1) return {};
  return Quote(text) + " is no absolute path";
}

std::string FaultOfSqlite(std::string_view text) {
  const auto blank = std::min(text.find_first_of(" \t"), text.size());
  if (auto fault = FaultOfPath(text.substr(0, blank)); !fault.empty()) return fault;
  const auto query = Trim(text.substr(blank));
  if (!StartsWithIgnoreCase(query, "select ") || query.find('?') == query.npos)
    return "a query is missing behind the path: a SELECT with ? for the key";
  return {};
}

std::string FaultOfSocket(std::string_view text) {
  if (text.size() >= sizeof(sockaddr_un::sun_path))
    return Quote(text) + " is too long for the path of a Unix socket";
  return FaultOfPath(text);
}

struct KindOfTable {
  Kind kind;
  std::string_view name;
  std::string (*fault_of)(std::string_view text);
};

constexpr KindOfTable kKinds[] = {
    {Kind::Static, "static", FaultOfStatic},
    {Kind::File, "file", FaultOfPath},
    {Kind::Sqlite, "sqlite", FaultOfSqlite},
    {Kind::Socket, "socket", FaultOfSocket},
};

}  // namespace

std::optional<TableSpec> TableSpec::Parse(std::string_view text, Error* error) {
  const auto colon = text.starts_with('/') ? text.npos : text.find(':');
  const auto name = text.starts_with('/') ? "file" : text.substr(0, std::min(colon, text.size()));
  const auto* const found = std::ranges::find_if(
      kKinds, [&](const KindOfTable& known) { return EqualsIgnoreCase(known.name, name); });
  const bool is_known = found != std::end(kKinds) && (colon != text.npos || text.starts_with('/'));
  const auto rest = Trim(colon == text.npos ? text : text.substr(colon + 1));
  const auto fault =
      is_known ? found->fault_of(rest) : Quote(name) + " is no kind of table: static, file, sqlite or socket";
  if (fault.empty()) return TableSpec{found->kind, std::string(rest)};
  if (error) error->text = fault;
  return std::nullopt;
}

std::string TableSpec::ToString() const {
  if (kind == Kind::Bad) return text;
  return std::string(std::ranges::find(kKinds, kind, &KindOfTable::kind)->name) + ":" + text;
}

}  // namespace config
