// SPDX-License-Identifier: BSD-2-Clause
#include "sasl/secret.hxx"

#include "base/wipe.hxx"

#include <utility>

namespace sasl {

Secret::Secret(Secret&& other) noexcept : user(std::move(other.user)), password(std::move(other.password)) {
  Wipe(other.user);
  Wipe(other.password);
}

Secret::~Secret() {
  Wipe(user);
  Wipe(password);
}

std::optional<SecretParts> SplitSecret(std::string_view text) noexcept {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  const auto colon = text.find(':');
  if (colon == text.npos || colon == 0 || text.find_first_of(std::string_view("\0\r\n", 3)) != text.npos)
    return std::nullopt;
  return SecretParts{text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<Secret> ParseSecret(std::string_view text) {
  const auto parts = SplitSecret(text);
  if (!parts) return std::nullopt;
  return std::optional<Secret>(std::in_place, parts->user, parts->password);
}

}  // namespace sasl
