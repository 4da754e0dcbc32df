// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// One mailbox of an address list.
struct Mailbox {
  std::string address;  ///< without comments, white space, route and needless quotes; Address::Parse takes it
  std::size_t local_end{};     ///< offset in the text just behind the local part: where "@domain" belongs if
                               ///< there is none
  bool qualified = false;      ///< it has a domain
  std::size_t local_begin{};   ///< offset of the local part
  std::size_t domain_begin{};  ///< offset of the domain, if it has one
  std::size_t domain_end{};    ///< offset just behind it
};

struct AddressList {
  std::vector<Mailbox> mailboxes;
  std::vector<std::string> malformed;  ///< entries that hold no address, as written but for white space
};

/// Reads an address-list (RFC 5322 section 3.4 with the obsolete forms of 4.4, UTF-8 as in RFC 6532):
/// groups, comments, quoted strings, quoted pairs, encoded words, routes. Beyond the RFC a semicolon
/// separates as a comma does, a local part may stand alone, dots may stand anywhere in it, and a missing ">"
/// or ")" is taken as read.
/// @param text the body of a field, folded or not, or an operand
[[nodiscard]] AddressList ParseAddressList(std::string_view text);

/// The same for an operand, where a program that puts in what others have chosen means one address: where it
/// has none of the characters that belong to a list or a quoted string, semicolons and parentheses are part
/// of its local part. "alice+;id;@example.org" is "\"alice+;id;\"@example.org".
[[nodiscard]] AddressList ParseAddressOperand(std::string_view text);

/// @p text with "@domain" behind each local part that stands alone; malformed entries and everything else
/// stay as written.
[[nodiscard]] std::string QualifyAddressList(std::string_view text, std::string_view domain);

}  // namespace mail
