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
  bool lacks_comma = false;    ///< white space alone separates it from the next one
};

struct AddressList {
  std::vector<Mailbox> mailboxes;
  std::vector<std::string> malformed;  ///< entries that hold no address, as written but for white space
};

/// Whether white space may separate addresses.
enum class Blanks {
  Join,      ///< no: it is part of an entry
  Separate,  ///< in an entry of nothing but addresses and names in lower case, one address at least: "bob
             ///< x@y"
};

/// Reads an address-list (RFC 5322 section 3.4 with the obsolete forms of 4.4, UTF-8 as in RFC 6532):
/// groups, comments, quoted strings, quoted pairs, encoded words, routes. Beyond the RFC a semicolon
/// separates as a comma does, a local part may stand alone, dots may stand anywhere in it, and a missing ">"
/// (before a separator as well) or ")" is taken as read.
/// @param text the body of a field, folded or not, or an operand
[[nodiscard]] AddressList ParseAddressList(std::string_view text, Blanks blanks = Blanks::Join);

/// The same for an operand, where white space separates. A parenthesis within a word is malformed: whoever
/// wrote "bob$(id)" does not mean bob$.
[[nodiscard]] AddressList ParseAddressOperand(std::string_view text);

/// @p text with "@domain" behind each local part that stands alone, and a comma behind each address that
/// lacks one; malformed entries and everything else stay as written.
[[nodiscard]] std::string QualifyAddressList(std::string_view text, std::string_view domain,
                                             Blanks blanks = Blanks::Join);

}  // namespace mail
