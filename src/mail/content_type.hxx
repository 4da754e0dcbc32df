// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace mail {

/// The contents of a Content-Type field (RFC 2045 section 5.1), as far as the structure of a message depends
/// on it.
struct ContentType {
  std::string type;      ///< "multipart", in lower case; empty if the field makes no sense
  std::string subtype;   ///< "mixed", in lower case
  std::string boundary;  ///< of a multipart; empty if there is none

  /// @param body of the field, folded or not
  [[nodiscard]] static ContentType Parse(std::string_view body);
};

/// The first word of a field's body in lower case, without comments: what Content-Transfer-Encoding names.
[[nodiscard]] std::string ParseToken(std::string_view body);

}  // namespace mail
