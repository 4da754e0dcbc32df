// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

namespace crypto {

/// 32 random bits to tell apart what is made at the same time. They are no secret: before the kernel's
/// generator is ready, at early boot, they are the ID of the process.
[[nodiscard]] std::uint32_t RandomBits() noexcept;

/// RandomBits as eight hexadecimal digits.
[[nodiscard]] std::string RandomHex();

}  // namespace crypto
