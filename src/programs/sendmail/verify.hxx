// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <span>
#include <string>

/// sendmail -bv: what each operand is understood as, for a person; delivers nothing.
struct Verification {
  std::string text;  ///< lines
  bool good = true;  ///< every operand holds an address
};

[[nodiscard]] Verification VerifyAddresses(std::span<const std::string> operands);
