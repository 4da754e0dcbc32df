// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/address_list.hxx"
#include "mail/header.hxx"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// The fields that a submitted message gets if its header lacks them. Bodies of fields, without name and LF.
struct HeaderFacts {
  std::string from;
  std::string date;
  std::string message_id;
  std::string domain;  ///< for addresses that have none
  /// Changes the body of From and Resent-From, those above included; empty: it stays.
  std::function<std::string(std::string_view body)> rewrite_from{};
};

enum class Resent {
  Leave,     ///< the message is handed on as it is
  Complete,  ///< it is being resent now: its first block of Resent- fields is made whole
};

/// Whether there is a field of this name with anything behind the colon.
[[nodiscard]] bool HasValue(std::span<const HeaderField> fields, std::string_view name) noexcept;
[[nodiscard]] bool HasResentFields(std::span<const HeaderField> fields) noexcept;

/// The mailboxes that the header names as recipients: those of To, Cc and Bcc, or, if there is any Resent-
/// field, those of Resent-To, Resent-Cc and Resent-Bcc in the first block of such fields, which is the latest
/// (RFC 5322 section 3.6.6).
[[nodiscard]] AddressList HeaderRecipients(std::span<const HeaderField> fields);

/// The header section that goes out, with the empty line that ends it. From, Date
/// and Message-ID at the end where they are missing or empty; Bcc, Resent-Bcc, Return-Path and Content-Length
/// gone; addresses without a domain qualified. Of the fields that there may be one of (RFC 5322 section 3.6,
/// RFC 2045 section 3) more are made one: lists of addresses (To, Cc, Reply-To) and of message identifiers
/// are joined, of the others the first stays that has a value. All other fields as they were, in their order.
[[nodiscard]] std::string CompleteHeader(std::span<const HeaderField> fields, const HeaderFacts& facts,
                                         Resent resent);

}  // namespace mail
