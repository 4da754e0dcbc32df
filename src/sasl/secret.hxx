// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sasl {

/// Login name and password of a relay. The memory is wiped on destruction, and when it is moved from.
struct Secret {
  std::string user;
  std::string password;

  Secret(std::string_view user_text, std::string_view password_text)
      : user(user_text), password(password_text) {}
  ~Secret();
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&&) = delete;
};

/// The parts of a secret, within the text that it was read from.
struct SecretParts {
  std::string_view user;
  std::string_view password;
};

/// Like ParseSecret, without a copy.
[[nodiscard]] std::optional<SecretParts> SplitSecret(std::string_view text) noexcept;

/// @param text "user:password" with or without line end; the password may hold colons
/// @return empty if it is not that
[[nodiscard]] std::optional<Secret> ParseSecret(std::string_view text);

}  // namespace sasl
