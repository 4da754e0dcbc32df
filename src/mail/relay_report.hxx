// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace mail {

/// The findings of a test of one relay, for a person.
struct RelayReport {
  std::string relay;               ///< its URL
  std::string status;              ///< enhanced status code (RFC 3463); of class 2: it takes mail
  std::vector<std::string> lines;  ///< what was found, step by step; the last one of a failure says why
  bool operator==(const RelayReport&) const = default;
};

}  // namespace mail
