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
/// 1".
struct Envelope {
  static constexpr std::size_t kMaxRecipients = 10000;
  /// Octets of a file, whoever writes or reads it: what was submitted, and each recipient's result beside it.
  static constexpr std::size_t kMaxTextSize = std::size_t{64} * 1024 * 1024;
  static constexpr std::size_t kMaxSubmittedSize = std::size_t{4} * 1024 * 1024;  ///< octets, without results
  static constexpr std::size_t kMaxResultText = 700;    ///< octets that are stored; the rest is cut
  static constexpr std::size_t kMaxResultRemote = 255;  ///< likewise; a domain name
  static constexpr std::size_t kMaxResultSize = kMaxResultText + kMaxResultRemote + 100;  ///< with its keys
  static_assert(kMaxSubmittedSize + kMaxRecipients * kMaxResultSize <= kMaxTextSize);

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

  [[nodiscard]] std::string ToText() const;
  /// Empty if the text is not an envelope of this version, whole and within the limits above.
  [[nodiscard]] static std::optional<Envelope> Parse(std::string_view text);
  /// The text is an envelope that a later version of this program has written.
  [[nodiscard]] static bool IsNewer(std::string_view text);
};

}  // namespace mail
