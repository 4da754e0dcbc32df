// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "local/letter.hxx"

#include <cstdint>
#include <string_view>

namespace local {

/// The largest copy that is kept in memory, octets; a larger one goes to an unnamed file in /var/tmp or /tmp.
constexpr std::uint64_t kMaxInMemory = 1024 * 1024;

/// A copy of the message with @p head in front, for a program to read: open for reading alone, at its start,
/// without a name, gone with its last descriptor. Throws std::system_error.
[[nodiscard]] UniqueFd MakeMessageFile(std::string_view head, const Letter& letter);

}  // namespace local
