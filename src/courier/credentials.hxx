// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Which relays a user has chosen and what they log in with, on its way from their delivery agent through the
/// runner to the relay: a text that is sealed for the relay (seal/box.hxx), in a memfd_create(2) file. So the
/// runner, which passes the descriptor on, can neither read it nor use it for another user, relay or hour.
namespace courier {

constexpr std::size_t kMaxCredential = 4096;           ///< octets of "USER:PASSWORD"
constexpr std::size_t kMaxCredentials = 96 * 1024;     ///< octets of all credentials
constexpr std::size_t kMaxSealedFile = 256 * 1024;     ///< octets of the file
constexpr std::size_t kMaxCredentialStamp = 8 * 1024;  ///< octets of OwnRelays::credentials
/// How long a choice can be used: attempts take minutes at the most, and each asks the agent anew.
constexpr std::chrono::hours kChoiceLifetime{1};

struct Choice {
  std::string owner;       ///< the user's name
  std::uint64_t made = 0;  ///< SecondsSinceBoot() then
  std::string relays;      ///< OwnRelays::relays
  std::string options;     ///< OwnRelays::options
};

/// CLOCK_BOOTTIME (clock_gettime(2)), which nobody sets.
[[nodiscard]] std::uint64_t SecondsSinceBoot() noexcept;

/// Makes the text: the choice, and behind it a line "LABEL:USER:PASSWORD" for each label. Its memory is wiped
/// when it goes.
class ChoiceWriter {
 public:
  explicit ChoiceWriter(const Choice& choice);
  ~ChoiceWriter();
  ChoiceWriter(const ChoiceWriter&) = delete;
  ChoiceWriter& operator=(const ChoiceWriter&) = delete;

  /// @param label one that config::IsCredentialLabel accepts
  /// @param text "USER:PASSWORD" on one line, without its end
  /// @return false if it is not that, or there is no room for it
  [[nodiscard]] bool Add(std::string_view label, std::string_view text);
  [[nodiscard]] std::string_view Text() const noexcept { return text_; }

 private:
  std::string text_;             // never grows beyond what was reserved, so that no copy of it stays behind
  std::size_t credentials_ = 0;  // octets
};

/// What ChoiceWriter has made of it; empty for anything else.
[[nodiscard]] std::optional<Choice> ParseChoice(std::string_view text);
/// The "USER:PASSWORD" of a label in such a text; empty if there is none.
[[nodiscard]] std::optional<std::string_view> FindCredential(std::string_view text, std::string_view label);

/// A file in memory that nobody can change any more. Throws std::system_error.
[[nodiscard]] UniqueFd MakeSealedFile(std::string_view content);
/// Its content; empty if @p file is none of those, or longer than kMaxSealedFile. Whoever sends it may be
/// another program than the agent: what could be changed meanwhile, or keep its reader waiting, is not read.
/// Throws std::system_error.
[[nodiscard]] std::optional<std::string> ReadSealedFile(FdRef file);

}  // namespace courier
