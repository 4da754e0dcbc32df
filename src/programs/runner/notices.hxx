// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace runner {

/// What was found wrong in aliases and forward files while mail went by: told once in the journal, and to
/// whoever asks for the queue's status.
class Notices {
 public:
  static constexpr std::size_t kMax = 100;  ///< the oldest go first

  void Add(const std::string& text);
  [[nodiscard]] const std::vector<std::string>& All() const noexcept { return texts_; }

 private:
  std::vector<std::string> texts_;
};

}  // namespace runner
