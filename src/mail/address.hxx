// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mail {

/// An address as SMTP carries it (RFC 5321 section 4.1.2, RFC 6531): a Mailbox, or a local part alone.
struct Address {
  static constexpr std::size_t kMaxLength = 1000;  ///< octets; RFC 5321 asks for 256, some lists use more

  std::string local;  ///< as written, quotes included; never empty
  /// As written, without "@" and without a dot at the end, which names the same domain and has no place in
  /// SMTP; empty where the address has none.
  std::string domain;

  /// @param text without angle brackets: `user`, `user@domain`, `"a b"@domain`, `user@[192.0.2.1]`
  /// @return empty for anything with control characters, with spaces or angle brackets outside of
  ///   quotes, with an empty part, over kMaxLength, or with a domain that has other characters than letters,
  ///   digits, "-", "_", dots and those beyond ASCII, or is no literal in brackets
  [[nodiscard]] static std::optional<Address> Parse(std::string_view text);
  [[nodiscard]] std::string ToString() const;
};

/// @p text as another machine can use it: with @p domain where it has none. What is no address stays as it
/// is.
[[nodiscard]] std::string Qualify(const std::string& text, const std::string& domain);

}  // namespace mail
