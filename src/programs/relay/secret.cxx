// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/secret.hxx"

#include "base/text.hxx"
#include "base/wipe.hxx"
#include "paths.h"
#include "service/credentials.hxx"

#include <utility>

namespace relay {

namespace {

// systemd names what LoadCredential=relay:DIRECTORY finds relay_FILE; the second one is that of the
// credentials that are encrypted.
constexpr std::string_view kPrefixes[] = {"relay_", "relay-sealed_"};

std::optional<std::string> FindText(const std::string& label) {
  std::optional<std::string> found;
  for (const auto prefix : kPrefixes) {
    auto text = service::FindCredential(std::string(prefix) + label);
    if (!text) continue;
    found.emplace(std::move(*text));
    Wipe(*text);
    break;
  }
  return found;
}

}  // namespace

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

std::optional<std::string> FindUserName(const std::string& label, std::string& why) {
  auto text = FindText(label);
  std::string user;
  if (text) {
    user = text->substr(0, text->find_first_of(std::string_view("\0:\r\n", 4)));
    Wipe(*text);
  }
  if (!user.empty()) return user;
  why = "No user name for " + Quote(label) + ": write it to " + SecretPath(label);
  return std::nullopt;
}

std::optional<Secret> FindSecret(const std::string& label, std::string& why) {
  auto text = FindText(label);
  if (!text) {
    why = "No credential for " + Quote(label) + ": write user:password to " + SecretPath(label);
    return std::nullopt;
  }
  auto secret = ParseSecret(*text);
  Wipe(*text);
  if (!secret) why = "The credential in " + SecretPath(label) + " is not of the form user:password";
  return secret;
}

std::string FindSecretFile(const std::string& label) {
  for (const auto prefix : kPrefixes)
    if (auto path = service::FindCredentialFile(std::string(prefix) + label); !path.empty()) return path;
  return {};
}

std::string SecretPath(const std::string& label) {
  return MAILQUEUE_CONFDIR "/credentials/" + label;
}

}  // namespace relay
