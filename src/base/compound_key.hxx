// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

/// Adds a text to a key that is made of several. Its length comes first, so that different lists of texts
/// never give equal keys.
inline void AppendPart(std::string& key, const std::string& text) {
  key += std::to_string(text.size()) + ":" + text;
}

/// Adds a list of texts in the same way.
inline void AppendPart(std::string& key, const std::vector<std::string>& list) {
  key += std::to_string(list.size()) + "*";
  for (const auto& text : list) AppendPart(key, text);
}
