// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"
#include "mail/queue_id.hxx"
#include "mail/time.hxx"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// One of the ends that a recipient's address leads to, where an alias, a table or a .forward file makes it
/// another than itself. It is kept until all ends of the recipient are settled, so that none is served twice.
struct End {
  std::string key;      ///< route::End::Key(): what it is recognised by at the next attempt
  std::string address;  ///< for reports: where it is, "ext@example.org", "/home/alice/Maildir/"
  std::string sender;   ///< who gets its bounce: the envelope's sender, an alias's owner, or ForwardSender=
  std::optional<DeliveryResult> result;
  bool reported = false;

  [[nodiscard]] bool IsSettled() const noexcept;
  /// Octets of the envelope's file that it needs at least, whatever its result is.
  [[nodiscard]] std::size_t StoredSize() const noexcept;
};

/// One recipient of the message, with its result.
struct Recipient {
  std::string address;                   ///< as submitted, without angle brackets
  std::optional<DeliveryResult> result;  ///< of the last attempt; empty before the first
  bool reported = false;                 ///< a Failed one: whoever is to know of it does, or nobody wants to
  std::string notify;       ///< DSN NOTIFY as submitted ("NEVER", "FAILURE,DELAY"), RFC 3461; mostly empty
  std::string original;     ///< DSN ORCPT as submitted ("rfc822;user@host"), RFC 3461; mostly empty
  std::vector<End> ends{};  ///< empty: itself alone, or not known yet

  /// Nothing is left to be attempted for it.
  [[nodiscard]] bool IsSettled() const noexcept;
};

/// What the sender demands of TLS for the message (RFC 8689).
enum class TlsDemand {
  None,      ///< it is as the next server's domain and our configuration say
  Required,  ///< REQUIRETLS: with a server that is known for certain and demands the same, or back it comes
  Optional,  ///< "TLS-Required: No": it may go even if that is not what the recipient's domain asks for
};

/// All that is known of a message but its text. The text format is RecordWriter's, one field a
/// line, "recipient" opening the fields of the next recipient; a file of it begins with "mailqueue-envelope:
/// 1". Before the recipients, "lines" tells how many lines follow, because a file that was cut at the end of
/// a line would have fewer recipients. It may be left out by a person who mends an envelope.
struct Envelope {
  static constexpr std::size_t kMaxRecipients = 10000;  ///< as submitted; the runner may add one, root
  /// Octets of a file, whoever writes or reads it: what was submitted, and each recipient's result beside it.
  static constexpr std::size_t kMaxTextSize = std::size_t{64} * 1024 * 1024;
  static constexpr std::size_t kMaxSubmittedSize = std::size_t{4} * 1024 * 1024;  ///< octets, without results
  static constexpr std::size_t kMaxResultText = 700;    ///< octets that are stored; the rest is cut
  static constexpr std::size_t kMaxResultRemote = 255;  ///< likewise; a domain name
  static constexpr std::size_t kMaxResultSize = kMaxResultText + kMaxResultRemote + 100;  ///< with its keys
  /// What the runner adds in front of the recipients takes less octets.
  static constexpr std::size_t kMaxHeadSize = std::size_t{16} * 1024;
  static_assert(kMaxSubmittedSize + kMaxHeadSize + (kMaxRecipients + 1) * kMaxResultSize <= kMaxTextSize);
  /// Octets of a result's text, and of its remote, that are stored where the file has no room for more.
  static constexpr std::size_t kShortResultPart = 64;
  static constexpr std::size_t kShortResultSize = 2 * kShortResultPart + 100;  ///< with its keys
  /// What all ends together may need (End::StoredSize), so that the file has room for them.
  static constexpr std::size_t kMaxEndsSize = std::size_t{56} * 1024 * 1024;
  static_assert(kMaxSubmittedSize + kMaxHeadSize + (kMaxRecipients + 1) * kShortResultSize + kMaxEndsSize <=
                kMaxTextSize);

  QueueId id;
  std::string sender;  ///< without angle brackets; empty is the null sender
  uid_t submitter = 0;
  Time created{};
  std::uint64_t message_size = 0;  ///< octets, lines ended by LF
  std::string body;                ///< BODY= parameter, RFC 6152: "8BITMIME", "7BIT" or empty
  std::string ret;                 ///< DSN RET: "FULL", "HDRS" or empty
  std::string envid;               ///< DSN ENVID, xtext decoded, or empty
  TlsDemand tls = TlsDemand::None;
  unsigned attempts = 0;
  Time next_attempt{};  ///< the epoch: at once
  std::optional<QueueId>
      bounce;          ///< of the bounce that reports failures found so far, while it is being queued
  std::string held{};  ///< why no attempt is made until somebody releases it; empty: it is not held
  std::vector<Recipient> recipients;

  /// @param max octets; if it would have more, less is written of each result
  [[nodiscard]] std::string ToText(std::size_t max = kMaxTextSize) const;
  /// Empty if the text is not an envelope of this version, whole and within the limits above.
  /// @param max octets that it may have
  [[nodiscard]] static std::optional<Envelope> Parse(std::string_view text, std::size_t max = kMaxTextSize);
  /// The text is an envelope that a later version of this program has written.
  [[nodiscard]] static bool IsNewer(std::string_view text);
};

}  // namespace mail
