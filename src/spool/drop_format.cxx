// SPDX-License-Identifier: BSD-2-Clause
#include "spool/drop_format.hxx"

#include "base/text.hxx"
#include "paths.h"

#include <sysexits.h>

namespace spool {

namespace {

constexpr std::string_view kMagic = "mailqueue-drop 1 ";
constexpr std::size_t kDigits = 20;

std::string Padded(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kDigits - digits.size(), '0') + digits;
}

}  // namespace

std::string DropHead::ToText() const {
  std::string text = std::string(kMagic) + Padded(envelope_size) + " " + Padded(message_size);
  text.resize(kDropHeadSize - 1, ' ');
  return text + '\n';
}

std::optional<DropHead> DropHead::Parse(std::string_view text) {
  if (text.size() != kDropHeadSize || !text.starts_with(kMagic)) return std::nullopt;
  const auto envelope_size = ParseNumber<std::uint64_t>(text.substr(kMagic.size(), kDigits));
  const auto message_size = ParseNumber<std::uint64_t>(text.substr(kMagic.size() + kDigits + 1, kDigits));
  if (!envelope_size || !message_size) return std::nullopt;
  const DropHead head{*envelope_size, *message_size};
  if (text != head.ToText()) return std::nullopt;
  return head;
}

std::string UnfinishedHead() {
  return std::string(kDropHeadSize - 1, ' ') + '\n';
}

SubmitReply SubmitReply::NotNow(std::string_view why) {
  return {EX_TEMPFAIL, "the queue in " MAILQUEUE_SPOOLDIR " can't take the message now: " + std::string(why)};
}

std::string SubmitReply::ToText() const {
  return std::to_string(status) + " " + text + "\n";
}

std::optional<SubmitReply> SubmitReply::Parse(std::string_view line) {
  const auto space = line.find(' ');
  if (space == line.npos || !line.ends_with('\n')) return std::nullopt;
  const auto status = ParseNumber<int>(line.substr(0, space));
  if (!status || *status < 0 || *status > 255) return std::nullopt;
  return SubmitReply{*status, std::string(Trim(line.substr(space)))};
}

}  // namespace spool
