// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk_room.hxx"
#include "config/relay_list.hxx"
#include "config/relay_options.hxx"
#include "config/table_spec.hxx"
#include "mail/time.hxx"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// The contents of a section [Relay] or [Relay.NAME].
struct RelaySection {
  std::string name{};      ///< "NAME"; empty: [Relay]
  RelayList hosts{};       ///< Host=; empty: none
  bool no_hosts = false;   ///< Host=none: mail for it is returned
  bool bad_hosts = false;  ///< there is a Host=, but nothing of it is understood: mail for it has to wait
  std::vector<std::string> senders{};     ///< Senders=, as NormaliseAddressRule writes them
  std::vector<std::string> recipients{};  ///< Recipients=, likewise
  RelayAssignments options{};
  std::optional<TableSpec> source_table{};  ///< SourceAddress= as a table; then options has none
  std::map<std::string, std::string, std::less<>>
      places{};  ///< "FILE:LINE" of each key's assignment that is in force
  bool operator==(const RelaySection&) const = default;

  /// "[Relay]" or "[Relay.NAME]"
  [[nodiscard]] std::string Title() const;
};

/// The first of @p sections whose @p member, Senders= or Recipients=, has one of @p rules, the most specific
/// rule first (RulesFor); null if none has.
[[nodiscard]] const RelaySection* FindSection(std::span<const RelaySection> sections,
                                              const std::vector<std::string>& rules,
                                              std::vector<std::string> RelaySection::*member);

/// Everything that mailqueue.conf(5) can say, with its defaults filled in.
struct Settings {
  struct Mail {
    std::string hostname;  ///< Hostname=; default: FindHostname()
    std::string domain;    ///< Domain=; default: the first word of /etc/mailname, else hostname
    std::vector<std::string>
        local_domains;  ///< LocalDomains=; default: localhost, hostname, its first label, /etc/mailname, and
                        ///< its full names in /etc/hosts; lower case
    /// Of the default of LocalDomains=, those that change with the machine's name; empty where it is set.
    std::vector<std::string> own_names;
    std::string masquerade;          ///< Masquerade=: `host`, `user@` or `user@host`; empty: none
    bool masquerade_header = false;  ///< MasqueradeHeader=: the From header field, too
    bool operator==(const Mail&) const = default;
  } mail;
  struct Relay {
    static constexpr std::size_t kMaxSections = 200;  ///< [Relay.NAME]; what follows is ignored

    RelaySection common;              ///< [Relay]
    std::vector<RelaySection> named;  ///< [Relay.NAME], in the order of the files
    std::optional<TableSpec> map;     ///< Map=
    std::vector<std::string>
        label_hosts;  ///< LabelHosts=: relays that Map= may name where it is a database or a program, and
                      ///< that see a secret or are Unix sockets; as RelayUrl::ToString writes them
    bool user_relays = false;  ///< UserRelays=: people's mail goes over the relays of their relay.conf
    bool operator==(const Relay&) const = default;

    /// Null if there is none.
    [[nodiscard]] const RelaySection* Find(std::string_view name) const;
    /// All options for @p section, with those of [Relay] where it has none itself, as ToText writes them.
    [[nodiscard]] std::string OptionsOf(const RelaySection& section) const;
    /// The table that names the source addresses for @p section; null if there is none.
    [[nodiscard]] const TableSpec* SourceTableOf(const RelaySection& section) const noexcept;
    /// The section whose hosts @p section has: itself, or [Relay].
    [[nodiscard]] const RelaySection& HostsOf(const RelaySection& section) const noexcept;
  } relay;
  struct Local {
    bool enabled = true;  ///< Enabled=: no makes this a null client, whose mail all goes to the relay
    std::string mailbox = "/var/mail/%u";  ///< Mailbox=: a path, absolute or below "~/", where %u is the
                                           ///< user's name and %% a percent sign, with a slash at its end for
                                           ///< a Maildir; lmtp:/PATH, lmtp://HOST:PORT,
                                           ///< |COMMAND or plugin:/PATH.so
    std::string mailbox_address = "%u";    ///< MailboxAddress=: the recipient that a server of Mailbox= is
                                           ///< told; %u is the user's name, with an extension, %d is Domain=
    TableSpec aliases{TableSpec::Kind::File, "/etc/aliases"};  ///< Aliases=
    std::string alias_user = "mailqueue-alias";  ///< AliasUser=: whom commands and files of aliases run as
    std::string recipient_delimiter = "+";       ///< RecipientDelimiter=: one character, or empty for none

    /// What Mailbox= comes to for one user: root's mail is given to no command, but to the default mailbox.
    [[nodiscard]] std::string MailboxOf(uid_t uid) const;
    bool operator==(const Local&) const = default;
  } local;
  struct Route {
    std::optional<TableSpec> virtual_users;  ///< VirtualUsers=
    std::string forward_sender;  ///< ForwardSender=: an address, where %u is the forwarding user; empty: the
                                 ///< sender is kept
    bool operator==(const Route&) const = default;
  } route;
  struct Queue {
    mail::Duration lifetime =
        std::chrono::days(5);  ///< Lifetime=: then a message that is still deferred bounces
    mail::Duration retry_min =
        std::chrono::minutes(1);  ///< RetryMin=: the first wait; each further one is twice as long
    mail::Duration retry_max = std::chrono::hours(1);       ///< RetryMax=: and the longest
    std::uint64_t message_size = std::uint64_t{100} << 20;  ///< MessageSize=, octets: what is larger is
                                                            ///< refused or returned
    struct UserMax {
      static constexpr auto kNone = std::numeric_limits<std::uint64_t>::max();

      std::uint64_t messages = 10000;
      std::uint64_t octets = std::uint64_t{2} << 30;  ///< of all messages together
      bool operator==(const UserMax&) const = default;
    } user_max;  ///< UserQueueMax=: what one submitter may have in the queue; more has to wait outside
    DiskReserve reserve{5, std::uint64_t{1} << 30};  ///< Reserve=: what new mail leaves free of the spool's
                                                     ///< file system
    bool operator==(const Queue&) const = default;
  } queue;
  /// "FILE:LINE" of each assignment that is in force, by "[SECTION] KEY="; those of relays have their own.
  std::map<std::string, std::string, std::less<>> places;
  bool incomplete = false;  ///< a file is there but could not be read: keep what was in force before
  bool operator==(const Settings&) const = default;

  /// "[Local] Mailbox=, FILE:LINE": who has decided that; empty where nobody has set it.
  [[nodiscard]] std::string Decision(std::string_view key) const;

  /// True for the domains of this machine's own addresses: the local ones, and Domain=.
  [[nodiscard]] bool IsOwnDomain(std::string_view domain) const;

  /// True for a name of local_domains, in any case, for the empty one (an unqualified address), and for what
  /// means this machine on every machine (IsLoopback).
  [[nodiscard]] bool IsLocalDomain(std::string_view domain) const;
};

/// Something in a file that is not understood and therefore ignored.
struct Warning {
  std::string file;
  unsigned line = 0;  ///< from 1; 0: the file as a whole
  std::string text;   ///< what, and what is expected instead

  [[nodiscard]] std::string ToString() const;  ///< "FILE:LINE: TEXT"
};

struct Loaded {
  Settings settings;
  std::vector<Warning> warnings;
};

/// Reads mailqueue.conf of @p directory and then the *.conf of its mailqueue.conf.d in the order of
/// their names, as systemd.unit(5) reads drop-ins: the last assignment wins, an empty one resets to the
/// default. A missing file is empty. Never fails: what is wrong is a Warning and the default stays.
[[nodiscard]] Loaded Load(const std::string& directory);

/// Changes whenever Load might return something else: names, sizes, times and inodes of the files it reads.
/// Costs a few stat(2).
[[nodiscard]] std::string Fingerprint(const std::string& directory);

}  // namespace config
