// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "watch.hxx"

#include <cstddef>
#include <string>

namespace bench {

/// A number of mailqueue-sink's counters, lines of "name: number". Throws std::runtime_error if it is not
/// there.
[[nodiscard]] std::size_t ReadCounter(const std::string& file, const std::string& name);

/// Returns when the counter has reached @p count, throws std::runtime_error at @p deadline.
void AwaitCounter(const std::string& file, const std::string& name, std::size_t count,
                  Clock::time_point deadline);

}  // namespace bench
