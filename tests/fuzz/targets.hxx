// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string_view>

/// What Target::run is: one a parser, or a few that read the same kind of text.
namespace fuzz {

// mail_targets.cxx
void Address(std::string_view input);
void AddressList(std::string_view input);
void CommandLine(std::string_view input);
void Destinations(std::string_view input);
void Envelope(std::string_view input);
void Header(std::string_view input);
void Mime(std::string_view input);
void Record(std::string_view input);

// submit_targets.cxx
void Drop(std::string_view input);
void HeaderRecipients(std::string_view input);
void SendmailOptions(std::string_view input);
void SmtpServer(std::string_view input);
void Source(std::string_view input);
void Xtext(std::string_view input);

// courier_targets.cxx
void Bus(std::string_view input);
void Choice(std::string_view input);
void CourierAnswer(std::string_view input);
void CourierRequest(std::string_view input);
void Launch(std::string_view input);

// relay_targets.cxx
void Dns(std::string_view input);
void DnsName(std::string_view input);
void Reply(std::string_view input);
void ResolvConf(std::string_view input);
void Sasl(std::string_view input);
void Secret(std::string_view input);
void SmtpClient(std::string_view input);
void Sts(std::string_view input);

// config_targets.cxx
void Configuration(std::string_view input);
void Lookup(std::string_view input);
void RelayList(std::string_view input);
void RelayOptions(std::string_view input);
void Table(std::string_view input);
void UserRelays(std::string_view input);
void Values(std::string_view input);

}  // namespace fuzz
