// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ctl {

/// An account at a provider, as `mailqueuectl setup` writes it down.
struct Account {
  std::string address;   ///< whose mail it is for
  std::string name;      ///< of the section, the files and the credential
  std::string url;       ///< of a config::RelayUrl whose label is name
  bool for_all = false;  ///< [Relay]: it takes all mail; else that of address alone
};

/// The name that an account has where nobody says another: the address's domain.
/// @param address that mail::Address takes, with a domain
[[nodiscard]] std::string DefaultAccountName(std::string_view address);

/// @p host as a URL that logs in with @p label: a URL, or a host's name, which then means smtps. Empty if it
/// is none or would send the password in the clear; @p why then says more.
[[nodiscard]] std::string UrlFor(const std::string& host, const std::string& label, std::string& why);

/// The text of a drop-in for mailqueue.conf(5).
[[nodiscard]] std::string DropInFor(const Account& account);

/// @p text, of the mailqueue-relay.conf(5) at @p path, with the account: for all mail, or for that of its
/// address where another relay takes the rest. The same text if its mail goes there already. Empty if there
/// is a section of its name that says something else; @p why then names the line and the remedy.
[[nodiscard]] std::optional<std::string> AddAccount(const std::string& text, const std::string& path,
                                                    Account account, std::string& why);

}  // namespace ctl
