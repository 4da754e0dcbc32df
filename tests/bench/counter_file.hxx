// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace bench {

/// A number of mailqueue-sink's counters, lines of "name: number". Throws std::runtime_error if it is not
/// there.
[[nodiscard]] std::size_t ReadCounter(const std::string& file, const std::string& name);

/// Returns when the counter "messages" has reached @p count, throws std::runtime_error when @p limit is over.
void AwaitMessages(const std::string& file, std::size_t count, std::chrono::seconds limit);

}  // namespace bench
