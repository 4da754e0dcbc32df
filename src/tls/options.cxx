// SPDX-License-Identifier: BSD-2-Clause
#include "tls/options.hxx"

#include "base/compound_key.hxx"

namespace tls {

std::string Options::Key() const {
  std::string key;
  AppendPart(key, pins);
  AppendPart(key, authorities);
  AppendPart(key, certificate);
  return key;
}

}  // namespace tls
