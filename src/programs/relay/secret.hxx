// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relay {

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

/// The secret of a label, from the unit's credentials; empty if there is none. @p why then says
/// what to do about it. Throws std::system_error if it can't be read.
[[nodiscard]] std::optional<Secret> FindSecret(const std::string& label, std::string& why);

/// The file of a label's credential; empty if there is none.
[[nodiscard]] std::string FindSecretFile(const std::string& label);

/// The user name of a label's secret, which may stand there alone; empty if there is none, as with
/// FindSecret.
[[nodiscard]] std::optional<std::string> FindUserName(const std::string& label, std::string& why);

/// The file where the administrator keeps the secret of a label.
[[nodiscard]] std::string SecretPath(const std::string& label);

}  // namespace relay
