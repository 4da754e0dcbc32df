// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace submit {

/// Whether an address in numbers, IPv4 or IPv6, is one of this machine's interfaces, as the calling process
/// sees them: one without a network sees none.
[[nodiscard]] bool IsOwnAddress(const std::string& address);

}  // namespace submit
