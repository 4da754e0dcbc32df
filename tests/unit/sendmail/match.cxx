// SPDX-License-Identifier: BSD-2-Clause
#include "match.hxx"

#include <regex>

bool Matches(const std::string& text, std::string pattern) {
  auto flags = std::regex::ECMAScript;
  for (; pattern.starts_with("(?i)") || pattern.starts_with("(?m)"); pattern.erase(0, 4))
    flags |= pattern[2] == 'i' ? std::regex::icase : std::regex::multiline;
  return std::regex_search(text, std::regex(pattern, flags));
}
