// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string_view>
#include <vector>

namespace config {

/// The candidate that @p text is most likely a misspelling of, case aside; empty if none is near.
[[nodiscard]] std::string_view FindNearest(std::string_view text,
                                           const std::vector<std::string_view>& candidates);

}  // namespace config
