// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

/// True if the regular expression (ECMAScript; "(?i)" and "(?m)" in front as in Perl) is found in @p text.
[[nodiscard]] bool Matches(const std::string& text, std::string pattern);
