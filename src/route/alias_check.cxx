// SPDX-License-Identifier: BSD-2-Clause
#include "route/alias_check.hxx"

#include "base/text.hxx"
#include "mail/destination.hxx"
#include "route/alias_entry.hxx"
#include "route/include_file.hxx"

#include <algorithm>
#include <exception>

namespace route {

namespace {

using Faults = std::vector<table::TextFault>;

// Checks the lines of the file itself. Files that it includes are checked when mail comes.
void CheckInclude(const mail::Destination& destination, Faults& faults) {
  if (!destination.text.starts_with('/')) return;  // FindOwnerless tells that
  try {
    const auto file = IncludeFile::Load(destination.text);
    for (const auto& fault : file.list.faults)
      faults.push_back(
          {destination.line, destination.text + ":" + std::to_string(fault.line) + ": " + fault.text});
  } catch (const std::exception& error) {
    faults.push_back({destination.line, error.what()});
  }
}

void CheckEntry(const table::TextEntry& entry, Faults& faults) {
  const auto list = mail::ParseDestinations(entry.value, entry.value_line);
  if (list.entries.empty() && list.faults.empty())
    faults.push_back({entry.line, Quote(entry.key) + " has no destination"});
  if (entry.key.find('@') != entry.key.npos)
    faults.push_back({entry.line, Quote(entry.key) +
                                      " is never looked up: aliases are names of this machine; "
                                      "addresses belong in the table of VirtualUsers="});
  for (const auto& fault : list.faults) faults.push_back({fault.line, fault.text});
  for (const auto& destination : list.entries) {
    if (const auto fault = FindOwnerless(destination)) faults.push_back({destination.line, *fault});
    if (destination.kind == mail::Destination::Kind::Include) CheckInclude(destination, faults);
  }
}

}  // namespace

std::vector<std::string> CheckAliases(table::FileTable& aliases) {
  const auto& entries = aliases.Entries();
  auto texts = aliases.FileFaults();
  auto faults = entries.faults;
  for (const auto& entry : entries.entries) CheckEntry(entry, faults);
  std::ranges::stable_sort(faults, {}, &table::TextFault::line);
  for (const auto& fault : faults)
    texts.push_back(aliases.Path() + ":" + std::to_string(fault.line) + ": " + fault.text);
  return texts;
}

}  // namespace route
