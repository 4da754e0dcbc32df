// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace simulate {

/// All chance of a run, from its seed. The same seed draws the same on every machine.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}

  /// @param limit 1 at least
  /// @return 0 to limit - 1
  [[nodiscard]] std::uint64_t Below(std::uint64_t limit) { return engine_() % limit; }
  [[nodiscard]] bool Chance(unsigned percent) { return Below(100) < percent; }
  [[nodiscard]] std::uint64_t Bits() { return engine_(); }
  template <typename Container>
  [[nodiscard]] const auto& From(const Container& container) {
    return container[static_cast<std::size_t>(Below(container.size()))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace simulate
