// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mail {

/// A token of a structured field that holds addresses (RFC 5322 section 3.2).
struct AddressToken {
  enum class Kind {
    Word,     ///< an atom or an encoded word
    Quoted,   ///< a quoted string that needs its quotes
    Literal,  ///< a domain literal, brackets included
    Special,  ///< one of `,;:<>@.`, or a stray `)` or `]`
  };

  Kind kind = Kind::Special;
  std::string text;  ///< without folding; a quoted string that is an atom as well is a Word without quotes
  std::size_t begin = 0;  ///< offsets in the source
  std::size_t end = 0;

  [[nodiscard]] bool Is(char special) const noexcept { return kind == Kind::Special && text[0] == special; }
};

/// A name as the local part of an address: in quotes if it needs them.
[[nodiscard]] std::string ToLocalPart(std::string_view name);

/// Splits a text into tokens and passes over white space and comments. Never fails: a quoted string,
/// comment or literal that isn't closed ends with the text. What can't be part of an address, such as a word
/// with a backslash that is not its first character, is a quoted token that no address may have.
class AddressTokenReader {
 public:
  /// @param text must outlive the reader
  explicit AddressTokenReader(std::string_view text) noexcept : text_(text) {}

  /// Empty at the end.
  [[nodiscard]] std::optional<AddressToken> Next();

 private:
  void SkipSpaceAndComments() noexcept;
  void SkipComment() noexcept;
  [[nodiscard]] AddressToken ReadQuoted();
  [[nodiscard]] AddressToken ReadLiteral();
  [[nodiscard]] AddressToken ReadWord();
  [[nodiscard]] AddressToken TakeRest(std::size_t begin);
  [[nodiscard]] std::size_t EncodedWordEnd() const noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace mail
