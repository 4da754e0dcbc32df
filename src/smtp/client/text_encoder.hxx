// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace smtp {

/// Turns a stored message (lines ended by LF) into what goes over the line: each line ended by CRLF, a dot
/// doubled where it opens a line, and at the end a dot alone (RFC 5321 section 4.5.2).
///
/// A CR before LF is part of the line end. Any other CR becomes a space: it must not leave as a line end (RFC
/// 5321 section 2.3.8), or a message could smuggle a second one past servers that take CR for one; messages
/// that have one are encoded or refused before (mail::MimePlan). Every other octet stays as it is. Works
/// block by block in constant memory.
class TextEncoder {
 public:
  /// Appends the text of the next block to @p out.
  void Add(std::string_view block, std::string& out);
  /// Ends the last line if it isn't, and the message. Nothing may be added after it.
  void Finish(std::string& out);

 private:
  void AddPart(std::string_view part, std::string& out);

  bool at_line_start_ = true;
  bool held_cr_ = false;  // a CR whose successor is not known yet
};

}  // namespace smtp
