// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace machine {

/// A private authority that the machine trusts, as long as the container is there.
class Authority {
 public:
  /// Throws std::runtime_error.
  Authority();

  /// Makes a certificate for a host. The files are Certificate(name) and Key(name).
  void Issue(const std::string& name) const;
  /// PEM; with the authority's own behind it.
  [[nodiscard]] std::string Certificate(const std::string& name) const { return File(name, "crt"); }
  [[nodiscard]] std::string Key(const std::string& name) const { return File(name, "key"); }
  /// The authority's own certificate, PEM.
  [[nodiscard]] std::string Root() const { return File("ca", "crt"); }

 private:
  [[nodiscard]] std::string File(const std::string& name, const std::string& kind) const {
    return directory_ + "/" + name + "." + kind;
  }

  const std::string directory_ = "/tmp/authority";
};

/// SHA-256 of a certificate, or of its key, in hexadecimal digits. Throws std::runtime_error.
[[nodiscard]] std::string DigestOfCertificate(const std::string& file);
[[nodiscard]] std::string DigestOfKey(const std::string& file);

}  // namespace machine
