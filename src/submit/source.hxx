// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace submit {

/// A range of octets in a file that can be read again.
struct FileOrigin {
  FdRef file;
  std::uint64_t offset = 0;
};

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

  /// The range of the octets that Next() has returned, if they are unchanged in a file.
  [[nodiscard]] virtual std::optional<FileOrigin> Origin() const { return {}; }
};

/// The end of a message that is read from a descriptor.
enum class EndOfMessage {
  EndOfFile,  ///< sendmail -i
  LoneDot,    ///< a line that is a single dot, too
};

/// Reads a message from a descriptor that somebody else owns. Takes constant memory.
///
/// Everything is read, from files too, because somebody has to look for line ends that must change and for
/// the dot. A block of a file that stays as it is has an Origin, so that the kernel may copy it.
class FdSource final : public MessageSource {
 public:
  FdSource(FdRef fd, EndOfMessage end);
  [[nodiscard]] std::string_view Next() override;
  [[nodiscard]] std::optional<FileOrigin> Origin() const override { return origin_; }

 private:
  // Whole pages and the LF that the last line may lack.
  static constexpr std::size_t kBufferSize = 256 * 1024 + 1;

  [[nodiscard]] std::size_t Read();
  [[nodiscard]] std::string_view Take(std::size_t read, bool last);
  [[nodiscard]] std::size_t FindLoneDot(std::string_view text, bool last) const noexcept;
  [[nodiscard]] std::size_t CountUndecided(std::string_view text) const noexcept;

  FdRef fd_;
  EndOfMessage end_;
  bool ended_ = false;
  bool at_line_start_ = true;
  bool anything_ = false;
  std::size_t returned_ = 0;               // octets at the start of buffer_ that the caller has had
  std::size_t held_ = 0;                   // octets behind them whose meaning depends on what follows
  std::optional<std::uint64_t> position_;  // in a file: behind what has been read
  std::optional<FileOrigin> origin_;
  std::unique_ptr<char[]> buffer_;
};

/// Removes each CR that stands before an LF, in place.
/// @return how many octets are left; a CR at the very end stays
[[nodiscard]] std::size_t RemoveCarriageReturns(char* text, std::size_t size) noexcept;

}  // namespace submit
