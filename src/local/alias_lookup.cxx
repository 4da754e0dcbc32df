// SPDX-License-Identifier: BSD-2-Clause
#include "local/alias_lookup.hxx"

#include "base/text.hxx"
#include "mail/destination.hxx"
#include "route/include_file.hxx"
#include "route/place.hxx"

#include <algorithm>
#include <exception>
#include <set>

namespace local {

namespace {

constexpr std::size_t kMaxIncludes = 100;  // files of one entry, in all

/// Looks for one destination in the list of an entry, and in the files that it includes.
class Search {
 public:
  /// @param user whose own files count; empty: root's files count
  Search(const std::string& destination, const std::string& user) : destination_(destination), user_(user) {}

  [[nodiscard]] bool FindIn(const mail::DestinationList& list);
  /// Of a file that could not be looked at; empty: there is none.
  [[nodiscard]] const std::string& Problem() const noexcept { return problem_; }

 private:
  [[nodiscard]] bool FindInFile(const std::string& path);
  [[nodiscard]] bool HasEntry(const mail::DestinationList& list) const;

  const std::string& destination_;
  const std::string& user_;
  std::set<std::string> seen_;
  std::string problem_;
};

bool Search::FindIn(const mail::DestinationList& list) {
  if (user_.empty() && HasEntry(list)) return true;
  return std::ranges::any_of(list.entries, [this](const auto& entry) {
    return entry.kind == mail::Destination::Kind::Include && FindInFile(entry.text);
  });
}

bool Search::HasEntry(const mail::DestinationList& list) const {
  return std::ranges::any_of(
      list.entries, [this](const auto& entry) { return route::DestinationOf(entry) == destination_; });
}

// A file that others can write names addresses only: no commands, no files.
bool Search::FindInFile(const std::string& path) {
  if (seen_.size() == kMaxIncludes || !seen_.insert(path).second) return false;
  try {
    const auto file = route::IncludeFile::Load(path);
    if (file.trusted) return FindIn(file.list);
    return !user_.empty() && file.owner == user_ && HasEntry(file.list);
  } catch (const std::exception& error) {
    problem_ = error.what();
    return false;
  }
}

}  // namespace

std::optional<std::string> AliasLookup::FindObjection(const config::Settings& settings,
                                                      const std::string& key, const std::string& destination,
                                                      const User& user) {
  tables_.Use(settings);
  const bool is_alias_user = user.name == settings.local.alias_user;
  const std::string owner = is_alias_user ? std::string() : user.name;
  Search search(destination, owner);
  try {
    for (const auto& found : {tables_.FindAlias(key), tables_.FindVirtual(key)})
      if (found && search.FindIn(mail::ParseDestinations(found->value))) return std::nullopt;
  } catch (const table::Unavailable& error) {
    return error.what();
  }
  if (!search.Problem().empty()) return search.Problem();
  if (is_alias_user) return "the alias " + Quote(key) + " does not name it";
  return "only " + settings.local.alias_user + " does what aliases say, and the alias " + Quote(key) +
         " includes no file of " + user.name + " that says so";
}

}  // namespace local
