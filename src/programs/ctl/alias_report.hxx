// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/table_spec.hxx"

#include <string>
#include <vector>

namespace ctl {

/// The output of "mailqueuectl check-aliases".
struct AliasReport {
  std::vector<std::string> faults;  ///< a line each; empty: there is none
  std::string summary;              ///< what was checked, if there is no fault
  bool is_read = true;              ///< false: the faults say why there is nothing to check
};

/// Reads the file of aliases, if they are in a file, as whoever calls; others are only named.
[[nodiscard]] AliasReport ReportOnAliases(const config::TableSpec& spec);

}  // namespace ctl
