// SPDX-License-Identifier: BSD-2-Clause
#include "table/static_table.hxx"

#include "base/text.hxx"
#include "table/key.hxx"

namespace table {

StaticTable::StaticTable(std::string_view text) {
  for (const auto& entry : SplitList(text, ";")) {
    const auto equals = entry.find('=');
    const auto key = NormaliseKey(Trim(entry.substr(0, equals)));
    const bool whole = equals != entry.npos && key;
    if (!whole)
      faults_.push_back("static: " + Quote(entry) + " is no KEY=VALUE");
    else if (!entries_.emplace(*key, Trim(entry.substr(equals + 1))).second)
      faults_.push_back("static: " + Quote(entry) + " is a second entry of its key, ignoring");
  }
}

std::optional<Found> StaticTable::Lookup(std::string_view key) {
  const auto found = entries_.find(NormaliseKey(key).value_or(""));
  if (found == entries_.end()) return std::nullopt;
  return Found{found->second, "static:" + found->first};
}

}  // namespace table
