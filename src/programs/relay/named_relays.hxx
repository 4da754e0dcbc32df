// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/current_settings.hxx"
#include "config/relay_options.hxx"
#include "config/relay_url.hxx"
#include "config/settings.hxx"
#include "mail/delivery_result.hxx"
#include "table/file_table.hxx"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace relay {

/// The relays that the configuration names, and the options that stand beside them. Requests come from the
/// runner, which may have been broken into: so it is here that the relay learns to whom it may show a secret
/// of the machine's, and which local sockets it may connect to. Follows the files; one thread.
class NamedRelays {
 public:
  /// @param directory as config::Load has it; read when there is something to find out
  explicit NamedRelays(std::string directory) : directory_(std::move(directory)) {}

  /// Whether a request may have mail brought to @p text, a config::RelayUrl, in the way of @p options.
  /// Without a label, a Unix socket, a client's certificate and a command for tokens it may, since no more
  /// than the message is shown there. Else one section must have these very options. With a label, a socket
  /// or a certificate it must also name this very relay (protocol, host, port and label), in its Host= or,
  /// for [Relay], in LabelHosts= or a Map= that is in the configuration or in a text file; or [Local]
  /// Mailbox= names it. The hosts of a domain ("mx://") need no name. Where nothing does, the files are read
  /// once more.
  /// @return why not, always Deferred: the files may be other ones than the runner has read
  [[nodiscard]] std::optional<mail::DeliveryResult> FindFault(const std::string& text,
                                                              const config::RelayOptions& options);
  /// The configuration as the files are now.
  [[nodiscard]] const config::Settings& Settings();

 private:
  /// Relays that are dealt with alike.
  struct Group {
    std::set<std::string> relays;  ///< as Normal writes them; without "mx://"
    config::RelayOptions options;
    bool any_source = false;  ///< the source addresses are in a table
  };

  void Refresh();
  void Rebuild();
  void AddSection(const config::RelaySection& section);
  void AddMailbox();
  [[nodiscard]] bool IsNamed(const config::RelayUrl& url, const config::RelayOptions& options);
  [[nodiscard]] bool IsInMapFile(const std::string& relay);

  const std::string directory_;
  std::optional<config::CurrentSettings> settings_;  // empty until they are needed
  std::vector<Group> groups_;                        // [Relay] is the first
  std::unique_ptr<table::FileTable> map_;            // Map=, where it is a file
  std::size_t map_version_ = 0;                      // of what map_relays_ was made of
  std::set<std::string> map_relays_;                 // that it names, as Group::relays
};

}  // namespace relay
