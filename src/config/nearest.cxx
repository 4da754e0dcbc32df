// SPDX-License-Identifier: BSD-2-Clause
#include "config/nearest.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <numeric>
#include <utility>

namespace config {

namespace {

constexpr std::size_t kMaxCompared = 64;  // octets; the work grows with the product of both lengths

// Levenshtein's distance: how many letters to change, add or remove, with one row of the table at a time.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view FindNearest(std::string_view text, const std::vector<std::string_view>& candidates) {
  if (text.size() > kMaxCompared) return {};
  const std::string wanted = ToLower(text);
  std::string_view nearest;
  std::size_t least = 0;
  for (const auto candidate : candidates) {
    const std::size_t distance = Distance(wanted, ToLower(candidate));
    if (distance > std::max<std::size_t>(candidate.size() / 3, 1)) continue;
    if (!nearest.empty() && distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

}  // namespace config
