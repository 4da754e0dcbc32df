// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mboxrd_quoter.hxx"

#include <algorithm>
#include <utility>

namespace deliver {

bool MboxrdQuoter::Put(std::string_view part) {
  while (!part.empty())
    if (!(undecided_ ? PutLineStart(part) : PutRestOfLine(part))) return false;
  return true;
}

// A further ">" among the others is the same wherever it goes, so they need not be kept.
bool MboxrdQuoter::PutLineStart(std::string_view& part) {
  line_ended_ = false;
  if (matched_ == 0) {
    const auto quotes = std::min(part.find_first_not_of('>'), part.size());
    if (quotes > 0 && !sink_.Put(part.substr(0, quotes))) return false;
    part.remove_prefix(quotes);
  }
  while (!part.empty() && matched_ < kFrom.size() && part[0] == kFrom[matched_]) {
    ++matched_;
    part.remove_prefix(1);
  }
  const bool complete = matched_ == kFrom.size();
  if (!complete && part.empty()) return true;
  undecided_ = false;
  if (complete && !sink_.Put(">")) return false;
  return Flush();
}

bool MboxrdQuoter::PutRestOfLine(std::string_view& part) {
  // Whole lines that begin with neither ">" nor "F" need no look at their start.
  std::size_t end = part.find('\n');
  while (end != part.npos && end + 1 < part.size() && part[end + 1] != '>' && part[end + 1] != 'F')
    end = part.find('\n', end + 1);
  line_ended_ = undecided_ = end != part.npos;
  const auto size = line_ended_ ? end + 1 : part.size();
  const auto lines = part.substr(0, size);
  part.remove_prefix(size);
  return sink_.Put(lines);
}

bool MboxrdQuoter::Flush() {
  return sink_.Put(kFrom.substr(0, std::exchange(matched_, 0)));
}

bool MboxrdQuoter::Finish() {
  return Flush() && (std::exchange(line_ended_, true) || sink_.Put("\n"));
}

}  // namespace deliver
