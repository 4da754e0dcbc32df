// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace tls {

/// How a server must authenticate itself under TLS, and our own certificate.
struct Options {
  /// "sha256//BASE64" of public keys (SubjectPublicKeyInfo), as curl(1) has it: the server must have one of
  /// them, which then stands for itself: no authority and no name is asked for. Empty: any key.
  std::vector<std::string> pins;
  std::string authorities;  ///< file with PEM certificates that take the place of the system's; empty: those
  std::string certificate;  ///< file with our certificate, its chain and its key in PEM; empty: we have none

  [[nodiscard]] std::string Key() const;
};

}  // namespace tls
