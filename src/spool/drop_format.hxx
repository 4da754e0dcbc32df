// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The bytes that a sender hands to the queue, in a file of drop/ or over the submit socket:
///
///     head | envelope (mail::Envelope's text) | message (lines ended by LF)
///
/// In a file the head is kUnfinishedHead until everything behind it is written; then the finished
/// head, which names both lengths, replaces it. Over the socket the first head is kUnfinishedHead as well,
/// and the finished head is sent once more behind the message, just before the sender shuts its side down: a
/// stream that doesn't end in it was cut. So a sender that dies leaves nothing that looks complete.
///
/// Of the envelope only id, sender, created, body, ret, envid, tls and the recipients with notify and
/// original are believed; the submitter is who owns the file, or the socket's peer. A file is named after the
/// envelope's id; see ARCHITECTURE.md.
namespace spool {

constexpr std::size_t kDropHeadSize = 64;
constexpr std::uint64_t kMaxMessageSize = std::uint64_t{2} << 30;  ///< octets; MessageSize= is below it

struct DropHead {
  std::uint64_t envelope_size = 0;
  std::uint64_t message_size = 0;

  /// kDropHeadSize octets, printable, the last one LF.
  [[nodiscard]] std::string ToText() const;
  /// Empty for an unfinished head. The lengths may be any.
  [[nodiscard]] static std::optional<DropHead> Parse(std::string_view text);

  /// What a complete file has.
  [[nodiscard]] std::uint64_t FileSize() const noexcept {
    return kDropHeadSize + envelope_size + message_size;
  }
  /// What a complete stream has.
  [[nodiscard]] std::uint64_t StreamSize() const noexcept { return FileSize() + kDropHeadSize; }
};

/// kDropHeadSize octets that DropHead::Parse refuses.
[[nodiscard]] std::string UnfinishedHead();

/// The runner's word on the submit socket, one line: a status of sysexits(3), a space, the queue ID
/// (status 0) or a text for a person, LF.
struct SubmitReply {
  /// No status of sysexits(3): the runner has no room for one more connection and has read nothing of it.
  static constexpr int kBusy = 255;

  int status = 75;
  std::string text;

  /// The message can't be stored. Names the spool, for @p why is about files of the runner: a person who
  /// sends mail does not know their names.
  [[nodiscard]] static SubmitReply NotNow(std::string_view why);
  [[nodiscard]] std::string ToText() const;
  [[nodiscard]] static std::optional<SubmitReply> Parse(std::string_view line);
};

}  // namespace spool
