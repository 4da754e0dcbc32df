// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/identity.hxx"

namespace relay {

namespace {

// With its length, so that what follows can't be taken for a part of it.
void Append(std::string& key, const std::string& text) {
  key += std::to_string(text.size()) + ":" + text;
}

void Append(std::string& key, const std::vector<std::string>& list) {
  key += std::to_string(list.size()) + "*";
  for (const auto& text : list) Append(key, text);
}

}  // namespace

std::string Identity::Key() const {
  std::string key = insecure_auth ? "insecure " : "";
  Append(key, url.ToString());
  Append(key, helo);
  Append(key, source_addresses);
  Append(key, tls.Key());
  return key;
}

std::string TlsOptions::Key() const {
  std::string key;
  Append(key, pins);
  Append(key, authorities);
  Append(key, certificate);
  return key;
}

}  // namespace relay
