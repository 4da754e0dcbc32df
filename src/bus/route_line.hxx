// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace bus {

/// One line of the answer to where an address leads: a tree, seen from above.
struct RouteLine {
  unsigned depth = 0;  ///< how far to the right it belongs
  std::string what;    ///< an address or destination as it is written
  std::string where;   ///< what sends it on, "/etc/aliases:12"; empty: nothing does
  std::string end;     ///< where it ends, for a person; empty: the lines below go on
  std::string
      state;  ///< of an end: "mailbox", "relay", "command", "deferred", "failed" or "delivered" (thrown away)
  bool operator==(const RouteLine&) const = default;
};

}  // namespace bus
