// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/credential.hxx"

#include "base/text.hxx"
#include "base/wipe.hxx"
#include "paths.h"
#include "service/credentials.hxx"

#include <string_view>
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

std::optional<sasl::Secret> FindSecret(const std::string& label, std::string& why) {
  auto text = FindText(label);
  if (!text) {
    why = "No credential for " + Quote(label) + ": write user:password to " + SecretPath(label);
    return std::nullopt;
  }
  auto secret = sasl::ParseSecret(*text);
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
