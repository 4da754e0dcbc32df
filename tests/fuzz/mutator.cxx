// SPDX-License-Identifier: BSD-2-Clause
#include "mutator.hxx"

#include <algorithm>
#include <iterator>

namespace fuzz {

namespace {

constexpr std::size_t kMaxChanges = 5;
// What means something to one parser or another.
constexpr char kOctets[] = "\0\t\n\r \"#$%&'()*+,-./0159:;<=>?@[\\]{|}~\x7f\x80\xc3\xbc\xfe\xff";

}  // namespace

std::size_t Mutator::Below(std::size_t limit) {
  return random_() % limit;
}

std::string Mutator::Piece() {
  const auto& text = corpus_[Below(corpus_.size())];
  if (text.empty()) return {};
  const auto begin = Below(text.size());
  return text.substr(begin, 1 + Below(Below(4) ? 20 : text.size()));
}

std::string Mutator::Octets() {
  if (Below(8) == 0) return std::to_string(random_());
  if (Below(4) == 0) return std::string(1, static_cast<char>(Below(256)));
  return std::string(Below(16) ? 1 : 1 + Below(1500), kOctets[Below(std::size(kOctets) - 1)]);
}

void Mutator::Change(std::string& text) {
  const auto at = Below(text.size() + 1);
  switch (Below(4)) {
    case 0:
      text.erase(at, 1 + Below(Below(4) ? 4 : 100));
      break;
    case 1:
      text.insert(at, Piece());
      break;
    case 2:
      text.insert(at, Octets());
      break;
    default:
      text.replace(at, 1, Octets());
  }
}

std::string Mutator::Next() {
  auto text = corpus_[Below(corpus_.size())];
  for (auto count = 1 + Below(kMaxChanges); count > 0; --count) Change(text);
  text.resize(std::min(text.size(), kMaxSize));
  return text;
}

}  // namespace fuzz
