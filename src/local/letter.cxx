// SPDX-License-Identifier: BSD-2-Clause
#include "local/letter.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "mail/address_token.hxx"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>

namespace local {

namespace {

// Readers take the second word of the separator for the sender.
std::string OneWord(std::string_view address) {
  std::string word = OneLine(address.empty() ? "MAILER-DAEMON" : address);
  std::ranges::replace(word, ' ', '_');
  return word;
}

// asctime(3) in UTC (RFC 4155): the same whatever the time zone is at the next attempt.
std::string FormatDate(mail::Time time) {
  const std::time_t seconds = mail::Clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  char text[32];
  ::gmtime_r(&seconds, &parts);
  return {text, std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &parts)};
}

}  // namespace

std::string OneLine(std::string_view address) {
  std::string text(address);
  std::ranges::replace_if(text, IsControl, '_');
  return text;
}

std::string DeliveredTo(const User& user, std::string_view host) {
  const auto name = OneLine(user.name);
  return host.empty() ? name : mail::ToLocalPart(name) + "@" + OneLine(host);
}

std::string MakeHead(const Letter& letter, const User& user) {
  const auto& envelope = letter.envelope;
  std::string head = "Return-Path: <" + OneLine(envelope.sender) + ">\n";
  head += "X-Mailqueue-Id: " + envelope.id.ToString() + "\n";
  for (const auto& recipient : envelope.recipients)
    head += "X-Original-To: " + OneLine(recipient.address) + "\n";
  // Of an alias's copy the head says where it has been delivered to: the user who does that is no address.
  if (!letter.of_alias) head += "Delivered-To: " + DeliveredTo(user, letter.host) + "\n";
  return head.append(letter.head);
}

std::string MakeSeparator(const mail::Envelope& envelope) {
  return "From " + OneWord(envelope.sender) + " " + FormatDate(envelope.created) + "\n";
}

void WriteCopy(FdRef file, std::string_view head, const Letter& letter) {
  struct stat status;
  if (::fstat(letter.message.Get(), &status) < 0) ThrowErrno("Failed to look at the message");
  const auto size = letter.envelope.message_size;
  const auto there = static_cast<std::uint64_t>(status.st_size);
  if (there > size) throw MakeErrno(EOVERFLOW, "The message is longer than its envelope says");
  WriteAll(file, head);
  if (CopyRange(letter.message, 0, file, size) < size)
    throw MakeErrno(ENODATA, "The message is shorter than its envelope says");
}

}  // namespace local
