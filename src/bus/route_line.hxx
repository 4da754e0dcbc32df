// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace bus {

/// One line of the tree that shows where an address leads.
struct RouteLine {
  unsigned depth = 0;  ///< how far to the right it belongs
  std::string what;    ///< an address or destination as it is written, or a mistake
  /// Where it is written and what sends it on, "/home/alice/.forward:2; /etc/aliases:12"; empty: nobody else
  /// has, nothing does
  std::string where;
  std::string end;    ///< where it ends, for a person; empty: the lines below go on
  std::string state;  ///< of an end: "mailbox", "relay", "command", "deferred", "failed", "delivered" (thrown
                      ///< away), "circle" or "mistake"
  bool operator==(const RouteLine&) const = default;
};

}  // namespace bus
