// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/command.hxx"

#include "base/text.hxx"
#include "dns/name.hxx"
#include "mail/address.hxx"
#include "smtp/dsn.hxx"

#include <algorithm>

namespace smtp {

namespace {

constexpr std::size_t kMaxEnvid = 100;     // characters of xtext, RFC 3461 section 4.4
constexpr std::size_t kMaxOriginal = 500;  // RFC 3461 section 4.2

bool IsNotify(std::string_view text) {
  if (text.find_first_of(" \t\r\n") != text.npos) return false;
  if (EqualsIgnoreCase(text, "NEVER")) return true;
  const auto words = SplitList(text, ",");
  return !words.empty() && std::ranges::all_of(words, [](const auto& word) {
    return EqualsIgnoreCase(word, "SUCCESS") || EqualsIgnoreCase(word, "FAILURE") ||
           EqualsIgnoreCase(word, "DELAY");
  });
}

// ORCPT= is kept as it was submitted: a type, ";" and xtext. Anything else could be a command of its own.
bool IsOriginal(std::string_view text) {
  return text.size() <= kMaxOriginal && text.find(';') != text.npos &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '='; });
}

bool IsRet(std::string_view text) {
  return EqualsIgnoreCase(text, "FULL") || EqualsIgnoreCase(text, "HDRS");
}

}  // namespace

std::string MailCommand(const Message& message, bool utf8, const Extensions& extensions) {
  const auto& envelope = message.envelope;
  // Octets over 127 in the message count, even if its submitter has declared 7BIT.
  const bool eight_bit = message.eight_bit || envelope.body == "8BITMIME";
  std::string command = "MAIL FROM:<" + AddressFor(envelope.sender, extensions) + ">";
  if (extensions.size) command += " SIZE=" + std::to_string(message.size);
  if (extensions.eight_bit_mime && eight_bit) command += " BODY=8BITMIME";
  if (extensions.smtputf8 && utf8) command += " SMTPUTF8";
  if (extensions.dsn && IsRet(envelope.ret)) command += " RET=" + envelope.ret;
  if (extensions.requiretls && envelope.tls == mail::TlsDemand::Required) command += " REQUIRETLS";
  const auto envid = ToXtext(envelope.envid);
  if (extensions.dsn && !envid.empty() && envid.size() <= kMaxEnvid) command += " ENVID=" + envid;
  return command + "\r\n";
}

std::string RcptCommand(const mail::Recipient& recipient, const Extensions& extensions) {
  std::string command = "RCPT TO:<" + AddressFor(recipient.address, extensions) + ">";
  if (extensions.dsn && IsNotify(recipient.notify)) command += " NOTIFY=" + recipient.notify;
  if (extensions.dsn && IsOriginal(recipient.original)) command += " ORCPT=" + recipient.original;
  return command + "\r\n";
}

std::optional<mail::DeliveryResult> FindAddressFault(std::string_view address, const Extensions& extensions) {
  if (!mail::Address::Parse(address)) return mail::Failed("5.1.3", "Not an address: " + Quote(address));
  if (extensions.smtputf8 || IsAscii(AddressFor(address, extensions))) return std::nullopt;
  return mail::Failed("5.6.7", "The server does not take addresses outside of ASCII: " + Quote(address));
}

std::string AddressFor(std::string_view address, const Extensions& extensions) {
  const auto parsed = extensions.smtputf8 || IsAscii(address) ? std::nullopt : mail::Address::Parse(address);
  const auto domain = parsed ? dns::ToAscii(parsed->domain) : std::nullopt;
  return domain ? parsed->local + "@" + *domain : std::string(address);
}

}  // namespace smtp
