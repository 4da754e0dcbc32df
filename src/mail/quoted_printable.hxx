// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail {

/// Encodes text as quoted-printable (RFC 2045 section 6.7), block by block in constant memory. Lines end in
/// LF or CRLF and come out with LF. A soft line break never falls within a character of UTF-8.
class QuotedPrintable {
 public:
  enum class Source {
    Text,     ///< anything
    Encoded,  ///< quoted-printable already, with lines that are too long or octets that must not be there
  };

  explicit QuotedPrintable(Source source) noexcept : source_(source) {}

  /// Appends to @p out what the block becomes.
  void Add(std::string_view block, std::string& out);
  /// Ends the text; it gets no line end that it didn't have.
  void Finish(std::string& out);

 private:
  void Take(char c, std::string& out);
  void TakeHeld(bool line_ends, std::string& out);
  void Put(char c, std::string& out);
  void PutLiteral(char c, std::size_t room, std::string& out);
  void PutEncoded(char c, std::string& out);
  bool MakeRoom(std::size_t columns, std::string& out);
  [[nodiscard]] bool IsLiteral(char c) const noexcept;

  const Source source_;
  std::size_t column_ = 0;
  std::string held_;       // a space or tab, a CR, or both: another thing at the end of a line
  std::size_t whole_ = 0;  // octets of a character that still belong on this line
};

}  // namespace mail
