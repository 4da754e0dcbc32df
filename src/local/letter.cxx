// SPDX-License-Identifier: BSD-2-Clause
#include "local/letter.hxx"

#include "base/error.hxx"
#include "base/file.hxx"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace local {

namespace {

bool IsControl(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::string OneLine(std::string_view address) {
  std::string text(address);
  std::ranges::replace_if(text, IsControl, '_');
  return text;
}

std::string DeliveredTo(const User& user, std::string_view host) {
  return OneLine(user.name) + (host.empty() ? "" : "@" + OneLine(host));
}

std::string MakeHead(const Letter& letter, const User& user) {
  const auto& envelope = letter.envelope;
  std::string head = "Return-Path: <" + OneLine(envelope.sender) + ">\n";
  head += "X-Mailqueue-Id: " + envelope.id.ToString() + "\n";
  for (const auto& recipient : envelope.recipients)
    head += "X-Original-To: " + OneLine(recipient.address) + "\n";
  head += "Delivered-To: " + DeliveredTo(user, letter.host) + "\n";
  return head.append(letter.head);
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
