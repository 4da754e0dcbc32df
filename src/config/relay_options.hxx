// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/time.hxx"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// How mail is handed to relays: all keys of [Relay] and [Relay.NAME] of mailqueue.conf(5) but those that say
/// which mail goes to which relay. The relay process gets them with each request, and compares them with the
/// configuration where they decide to whom a secret is shown.
struct RelayOptions {
  std::vector<std::string> source_addresses;  ///< SourceAddress=: numeric; empty: the kernel chooses
  std::string helo;                           ///< Helo=; empty: [Mail] Hostname=
  unsigned connections = 10;                  ///< Connections=: at a time, to one relay
  unsigned messages_per_connection = 100;     ///< MessagesPerConnection=
  mail::Duration idle_timeout = std::chrono::seconds(5);      ///< IdleTimeout=: for the next message
  mail::Duration connect_timeout = std::chrono::seconds(30);  ///< ConnectTimeout=: for each address
  mail::Duration tls_timeout = std::chrono::seconds(60);      ///< TlsTimeout=: a handshake
  mail::Duration greeting_timeout = std::chrono::minutes(5);  ///< GreetingTimeout=
  mail::Duration command_timeout = std::chrono::minutes(5);   ///< CommandTimeout=: EHLO, STARTTLS, AUTH, RSET
  mail::Duration mail_timeout = std::chrono::minutes(5);      ///< MailTimeout=
  mail::Duration recipient_timeout = std::chrono::minutes(5);  ///< RecipientTimeout=
  mail::Duration data_timeout = std::chrono::minutes(2);       ///< DataTimeout=: the reply to DATA
  mail::Duration block_timeout = std::chrono::minutes(3);      ///< BlockTimeout=: to send one block
  mail::Duration end_timeout = std::chrono::minutes(10);       ///< EndTimeout=: the reply to the final dot
  std::vector<std::string> tls_pins;                           ///< TlsPins=: "sha256//BASE64"; empty: any key
  std::string tls_authorities;  ///< TlsAuthorities=: a file, absolute; empty: the system's
  std::string tls_certificate;  ///< TlsCertificate=: the label of a credential; empty: none
  std::string
      token_command;  ///< TokenCommand=: an absolute path and arguments, see mail::SplitCommand; empty: none
  bool insecure_auth = false;  ///< InsecureAuth=: the password may go in clear text
  bool operator==(const RelayOptions&) const = default;
};

/// Who sets a key for relays of a user's relay.conf (config::UserRelays).
enum class Whose {
  Machine,        ///< [Relay]'s is in force, and the user can't change it
  Both,           ///< [Relay]'s is in force unless the user sets it
  User,           ///< the user's; [Relay]'s is about other relays
  Administrator,  ///< nobody's: it needs what users have no business with
};

/// One key that sets an option of relays.
struct RelayOption {
  std::string_view name;
  Whose whose;
  std::string_view expected;  ///< as Key::expected
  /// Takes over what it understands of @p value, which is not empty; @p bad is the rest, quoted.
  /// @return false if that is nothing
  bool (*set)(RelayOptions& options, std::string_view value, std::string& bad);
};

[[nodiscard]] std::span<const RelayOption> RelayOptionTable() noexcept;

/// In the configuration its value may be a table as well.
constexpr std::string_view kSourceAddress = "SourceAddress";

/// Keys and values as they were assigned; of each value RelayOption::set understands something.
using RelayAssignments = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kMaxOptionsText = 32 * 1024;  ///< octets
constexpr std::size_t kMaxUserOption = 2048;        ///< octets of a value in a user's relay.conf

/// The options as text, one "KEY=VALUE" a line.
[[nodiscard]] std::string ToText(const RelayAssignments& assignments);

/// The options, as ToText writes them, of relays that a user has chosen.
/// @param common those of [Relay]
/// @param own what the user's relay.conf sets, as ToText writes it; what users can't set is left out
/// @return empty if @p own is not understood, and be it in part, or a value of it is longer than
/// kMaxUserOption
[[nodiscard]] std::optional<std::string> OptionsForUser(const RelayAssignments& common, std::string_view own);

/// Parses the text that ToText writes. Empty for any other text, and for one longer than kMaxOptionsText.
[[nodiscard]] std::optional<RelayOptions> ParseRelayOptions(std::string_view text);

}  // namespace config
