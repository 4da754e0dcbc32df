// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/deliver/sink.hxx"

#include <cstddef>
#include <string_view>

namespace deliver {

/// Puts one more ">" before each line that is "From " after any number of ">" (mboxrd), so that a reader can
/// take exactly that back. Keeps five octets at most, whatever the lines' length.
class MboxrdQuoter {
 public:
  explicit MboxrdQuoter(Sink& sink) noexcept : sink_(sink) {}

  /// The next part of the message, cut anywhere. @return false if the sink wants no more
  [[nodiscard]] bool Put(std::string_view part);
  /// The rest that is still kept, and a line end if the last line has none. @return as Put
  [[nodiscard]] bool Finish();

 private:
  static constexpr std::string_view kFrom = "From ";

  [[nodiscard]] bool PutLineStart(std::string_view& part);
  [[nodiscard]] bool PutRestOfLine(std::string_view& part);
  [[nodiscard]] bool Flush();

  Sink& sink_;
  bool undecided_ = true;    ///< so far the line may still become ">*From "
  std::size_t matched_ = 0;  ///< octets of kFrom seen and kept
  bool line_ended_ = true;
};

}  // namespace deliver
