// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "route/end.hxx"

#include <optional>
#include <string>
#include <vector>

namespace route {

/// One step on the way from an address to its ends, for a person.
struct Step {
  unsigned depth = 0;              ///< how far to the right it belongs
  std::string what;                ///< the address or destination as written
  std::string where;               ///< what sends it on, "/etc/aliases:12"; empty: nothing does
  std::optional<std::size_t> end;  ///< index in Expansion::ends, if the way ends here
  std::string
      place{};  ///< where it is written, "/home/alice/.forward:2", unless the step above says the same
  bool is_circle = false;  ///< the way has come by here before, and nothing more comes of it
};

/// All that comes of one address.
struct Expansion {
  std::vector<End> ends;
  std::vector<Step> steps;
  std::vector<std::string> faults;  ///< what was not understood on the way and left out, "FILE:LINE: TEXT"
  bool unanswered = false;          ///< a table or the user database could not say where some of it leads
};

}  // namespace route
