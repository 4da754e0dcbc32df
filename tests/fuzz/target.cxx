// SPDX-License-Identifier: BSD-2-Clause
#include "target.hxx"

#include "base/text.hxx"
#include "targets.hxx"

#include <algorithm>
#include <stdexcept>

namespace fuzz {

namespace {

constexpr char kEndOfPart = '\xfe';

constexpr Target kTargets[] = {
    {"address", Address},
    {"address_list", AddressList},
    {"answer", CourierAnswer},
    {"bus", Bus},
    {"choice", Choice},
    {"command_line", CommandLine},
    {"configuration", Configuration},
    {"destinations", Destinations},
    {"dns", Dns},
    {"dns_name", DnsName},
    {"drop", Drop},
    {"envelope", Envelope},
    {"header", Header},
    {"header_recipients", HeaderRecipients},
    {"launch", Launch},
    {"lookup", Lookup},
    {"mime", Mime},
    {"record", Record},
    {"relay_list", RelayList},
    {"relay_options", RelayOptions},
    {"reply", Reply},
    {"request", CourierRequest},
    {"resolv_conf", ResolvConf},
    {"sasl", Sasl},
    {"secret", Secret},
    {"sendmail_options", SendmailOptions},
    {"smtp_client", SmtpClient},
    {"smtp_server", SmtpServer},
    {"source", Source},
    {"sts", Sts},
    {"table", Table},
    {"user_relays", UserRelays},
    {"values", Values},
    {"xtext", Xtext},
};

}  // namespace

std::span<const Target> Targets() noexcept {
  return kTargets;
}

void Require(bool holds, std::string_view subject, const std::source_location& where) {
  if (holds) return;
  throw std::logic_error(std::string(where.file_name()) + ":" + std::to_string(where.line()) +
                         " does not hold for " + Quote(subject));
}

std::vector<std::string> Parts(std::string_view input) {
  std::vector<std::string> parts;
  while (!input.empty()) {
    const auto part = input.substr(0, input.find(kEndOfPart));
    parts.emplace_back(part);
    input.remove_prefix(std::min(part.size() + 1, input.size()));
  }
  return parts;
}

bool IsPrintable(std::string_view text) noexcept {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::vector<std::string_view> Pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (std::size_t size = 1; !text.empty(); ++size) {
    pieces.push_back(text.substr(0, size));
    text.remove_prefix(pieces.back().size());
  }
  return pieces;
}

}  // namespace fuzz
