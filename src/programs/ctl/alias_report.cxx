// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/alias_report.hxx"

#include "route/alias_check.hxx"

namespace ctl {

AliasReport ReportOnAliases(const config::TableSpec& spec) try {
  if (spec.kind != config::TableSpec::Kind::File)
    return {{}, "The aliases are in " + spec.ToString() + ", which is no text file: nothing is checked."};
  table::FileTable aliases(spec.text, table::Separator::Colon);
  auto faults = route::CheckAliases(aliases);
  const auto count = aliases.Entries().entries.size();
  return {std::move(faults),
          spec.text + ": " + std::to_string(count) + (count == 1 ? " alias" : " aliases") + ", no mistake."};
} catch (const table::Unavailable& error) {
  return {{error.what()}, {}, false};
}

}  // namespace ctl
