// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace fuzz {

/// Makes inputs that are almost like good ones: without a look at what the parser does with them, the same
/// ones each time.
class Mutator {
 public:
  static constexpr std::size_t kMaxSize = 4096;  ///< octets of an input

  /// @param corpus at least one
  explicit Mutator(std::vector<std::string> corpus) : corpus_(std::move(corpus)) {}

  [[nodiscard]] std::string Next();

 private:
  [[nodiscard]] std::size_t Below(std::size_t limit);
  /// A piece of one of the corpus.
  [[nodiscard]] std::string Piece();
  [[nodiscard]] std::string Octets();
  void Change(std::string& text);

  std::vector<std::string> corpus_;
  std::mt19937 random_{20240101};
};

}  // namespace fuzz
