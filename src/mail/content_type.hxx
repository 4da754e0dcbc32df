// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// The contents of a Content-Type field (RFC 2045 section 5.1), as far as the structure of a message depends
/// on it.
struct ContentType {
  std::string type;     ///< "multipart", in lower case; empty if the field makes no sense
  std::string subtype;  ///< "mixed", in lower case; empty for a type that stands alone
  /// Of a multipart; empty if there is none. More than one where readers differ about what the field says:
  /// the delimiters of the message tell which is meant.
  std::vector<std::string> boundaries;

  bool operator==(const ContentType&) const = default;

  /// Beyond the RFC, a value without quotes has all characters but white space and ";", as readers take it.
  /// A value in pieces is joined, one with a character set decoded (RFC 2231 sections 3 and 4).
  /// @param body of the field, folded or not
  [[nodiscard]] static ContentType Parse(std::string_view body);
};

/// The first word of a field's body in lower case, without comments: what Content-Transfer-Encoding names.
[[nodiscard]] std::string ParseToken(std::string_view body);

}  // namespace mail
