// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// What of a file's content is on stable storage, and what was written since then.
class StoredContent {
 public:
  void Write(std::size_t offset, std::string_view data);
  void Truncate(std::size_t size);

  /// All of it is stored from now on.
  void Store();

  /// What a power failure leaves.
  /// @param mixes false: the file as it was at some moment since it was stored, perhaps within a write; true:
  ///   so for each sector, and what is missing before it is zero
  [[nodiscard]] std::string Draw(std::mt19937_64& random, bool mixes) const;

  /// Nothing of what was written since it was stored will be stored any more but what @p content has.
  void Set(std::string content);

 private:
  /// A write, or a cut of the file.
  struct Step {
    std::size_t offset = 0;
    std::string data{};
    bool is_cut = false;  ///< to offset

    [[nodiscard]] std::size_t Size() const noexcept { return is_cut ? 1 : data.size(); }
    void Apply(std::string& content, std::size_t octets) const;
  };
  [[nodiscard]] std::string DrawMoment(std::mt19937_64& random) const;

  std::string stored_;
  std::vector<Step> steps_;
};
