// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "config/settings.hxx"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace token {

constexpr std::size_t kMaxRequest = 4096;  ///< octets

/// Reads what the peer sends before it shuts down its side. Throws std::runtime_error beyond kMaxRequest,
/// std::system_error.
[[nodiscard]] std::string ReadRequest(FdRef peer);

/// The words of @p command, if it is the TokenCommand= of one of the sections; throws std::runtime_error if
/// it is not, or has no words.
[[nodiscard]] std::vector<std::string> FindCommand(const config::Settings& settings,
                                                   std::string_view command);

}  // namespace token
