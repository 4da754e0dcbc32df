// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/time.hxx"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail {

/// The name of a message from its submission to its end: 16 characters of Crockford's base 32 (digits
/// and capitals without I, L, O, U). 50 bits of time in microseconds, then 30 random bits: sorted by
/// name is sorted by age, and nobody can guess the next one.
class QueueId {
 public:
  static constexpr std::size_t kLength = 16;

  /// @param random 30 bits of it are used
  [[nodiscard]] static QueueId Make(Time now, std::uint32_t random) noexcept;
  /// Empty if @p text is no queue ID.
  [[nodiscard]] static std::optional<QueueId> Parse(std::string_view text) noexcept;

  [[nodiscard]] std::string_view View() const noexcept { return {text_.data(), text_.size()}; }
  [[nodiscard]] std::string ToString() const { return std::string(View()); }
  auto operator<=>(const QueueId&) const = default;

  /// An invalid ID, for a member that is filled in later.
  QueueId() noexcept { text_.fill('0'); }

 private:
  std::array<char, kLength> text_;
};

}  // namespace mail
