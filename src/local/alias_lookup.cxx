// SPDX-License-Identifier: BSD-2-Clause
#include "local/alias_lookup.hxx"

#include "base/text.hxx"
#include "mail/destination.hxx"
#include "route/include_file.hxx"
#include "route/place.hxx"

#include <exception>
#include <set>

namespace local {

namespace {

constexpr std::size_t kMaxIncludes = 100;  // files of one entry, in all

/// Looks for one destination in the list of an entry, and in the files that it includes.
class Search {
 public:
  explicit Search(const std::string& destination) : destination_(destination) {}

  [[nodiscard]] bool FindIn(const mail::DestinationList& list);
  /// Of a file that could not be looked at; empty: there is none.
  [[nodiscard]] const std::string& Problem() const noexcept { return problem_; }

 private:
  [[nodiscard]] bool FindInFile(const std::string& path);

  const std::string& destination_;
  std::set<std::string> seen_;
  std::string problem_;
};

bool Search::FindIn(const mail::DestinationList& list) {
  for (const auto& entry : list.entries) {
    if (route::DestinationOf(entry) == destination_) return true;
    if (entry.kind == mail::Destination::Kind::Include && FindInFile(entry.text)) return true;
  }
  return false;
}

// A file that others than root can write names addresses only: no commands, no files.
bool Search::FindInFile(const std::string& path) {
  if (seen_.size() == kMaxIncludes || !seen_.insert(path).second) return false;
  try {
    const auto file = route::IncludeFile::Load(path);
    return file.trusted && FindIn(file.list);
  } catch (const std::exception& error) {
    problem_ = error.what();
    return false;
  }
}

}  // namespace

std::optional<std::string> AliasLookup::FindObjection(const config::Settings& settings,
                                                      const std::string& key,
                                                      const std::string& destination) {
  tables_.Use(settings);
  Search search(destination);
  try {
    for (const auto& found : {tables_.FindAlias(key), tables_.FindVirtual(key)})
      if (found && search.FindIn(mail::ParseDestinations(found->value))) return std::nullopt;
  } catch (const table::Unavailable& error) {
    return error.what();
  }
  if (!search.Problem().empty()) return search.Problem();
  return "the alias " + Quote(key) + " does not name it";
}

}  // namespace local
