// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What a user logs in to relays of his own with, on its way from his delivery agent through the runner to
/// the relay: a memfd_create(2) file that is sealed, with a line "LABEL:USER:PASSWORD" for each label. The
/// runner passes the descriptor on and never reads it.
namespace courier {

constexpr std::size_t kMaxCredential = 4096;           ///< octets of "USER:PASSWORD"
constexpr std::size_t kMaxCredentialFile = 96 * 1024;  ///< octets of the file

constexpr std::size_t kMaxCredentialStamp = 4096;  ///< octets of OwnRelays::credentials

/// Collects credentials into a file. Its memory is wiped when it goes.
class CredentialWriter {
 public:
  CredentialWriter() { text_.reserve(kMaxCredentialFile); }
  ~CredentialWriter();
  CredentialWriter(const CredentialWriter&) = delete;
  CredentialWriter& operator=(const CredentialWriter&) = delete;

  /// @param label one that config::IsCredentialLabel accepts
  /// @param text "USER:PASSWORD" on one line, without its end
  /// @return false if it is not that, or there is no room for it
  [[nodiscard]] bool Add(std::string_view label, std::string_view text);
  [[nodiscard]] bool IsEmpty() const noexcept { return text_.empty(); }
  /// Throws std::system_error.
  [[nodiscard]] UniqueFd Seal() const;

 private:
  std::string text_;  // never grows beyond what was reserved, so that no copy of it stays behind
};

/// The "USER:PASSWORD" of a label; empty if there is none, or if @p file is not what Seal made. Whoever sends
/// that may be another program than the agent: what could be changed meanwhile, or keep its reader waiting,
/// is not read. The caller wipes what he gets. Throws std::system_error.
[[nodiscard]] std::optional<std::string> FindCredential(FdRef file, std::string_view label);

}  // namespace courier
