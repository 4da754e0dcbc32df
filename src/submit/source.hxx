// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <cstddef>
#include <memory>
#include <string_view>

namespace submit {

/// A message as it comes in, piece by piece.
class MessageSource {
 public:
  MessageSource() = default;
  MessageSource(const MessageSource&) = delete;
  MessageSource& operator=(const MessageSource&) = delete;
  virtual ~MessageSource() = default;

  /// The next octets, valid until the next call; empty at the end of the message. CR LF has become LF, other
  /// CRs and NULs are as they came, and a message that isn't empty ends in LF. Throws Refusal if the message
  /// can't be read to its end.
  [[nodiscard]] virtual std::string_view Next() = 0;
};

/// What ends a message that is read from a descriptor.
enum class EndOfMessage {
  EndOfFile,  ///< sendmail -i
  LoneDot,    ///< a line that is a single dot, too
};

/// Reads a message from a descriptor that somebody else owns. Takes constant memory.
///
/// It reads and writes with large blocks, from files too. copy_file_range(2) and splice(2) were measured and
/// lose on ext4, where they copy page by page: 6.7 ms of processor time for 10 MB without even a look at the
/// line ends, against 4.1 ms for read(2), memchr(3) and write(2) in blocks of this size. Nor can they share
/// extents on btrfs or XFS, as the message begins on a page boundary neither here nor there.
class FdSource final : public MessageSource {
 public:
  FdSource(FdRef fd, EndOfMessage end)
      : fd_(fd), end_(end), buffer_(std::make_unique_for_overwrite<char[]>(kBufferSize)) {}
  [[nodiscard]] std::string_view Next() override;

 private:
  static constexpr std::size_t kBufferSize = 256 * 1024;

  [[nodiscard]] std::size_t Read();
  [[nodiscard]] std::string_view Take(std::size_t size, bool last);
  [[nodiscard]] std::size_t FindLoneDot(std::string_view text, bool last) const noexcept;
  [[nodiscard]] std::size_t CountUndecided(std::string_view text) const noexcept;

  FdRef fd_;
  EndOfMessage end_;
  bool ended_ = false;
  bool at_line_start_ = true;
  bool anything_ = false;
  std::size_t returned_ = 0;  // octets at the start of buffer_ that the caller has had
  std::size_t held_ = 0;      // octets behind them whose meaning depends on what follows
  std::unique_ptr<char[]> buffer_;
};

/// Removes each CR that stands before an LF, in place.
/// @return how many octets are left; a CR at the very end stays
[[nodiscard]] std::size_t RemoveCarriageReturns(char* text, std::size_t size) noexcept;

}  // namespace submit
