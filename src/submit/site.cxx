// SPDX-License-Identifier: BSD-2-Clause
#include "submit/site.hxx"

#include "config/settings.hxx"
#include "mail/masquerade.hxx"
#include "paths.h"

#include <unistd.h>

namespace submit {

namespace {

// A copy of the settings in a function is what the header needs of them.
std::function<std::string(std::string_view)> FromRewriter(const config::Settings& settings) {
  if (!settings.mail.masquerade_header || settings.mail.masquerade.empty()) return {};
  return [settings](std::string_view body) {
    return mail::MasqueradeAddressList(body, settings.mail.masquerade, [&settings](std::string_view domain) {
      return settings.IsOwnDomain(domain);
    });
  };
}

// Only where no address could be sent anywhere by another rule, or be one of this machine by a table.
std::function<bool(std::string_view)> DomainRefuser(const config::Settings& settings) {
  const auto& relay = settings.relay;
  const bool is_alone = relay.common.no_hosts && relay.named.empty() && !relay.map && !relay.user_relays &&
                        !settings.route.virtual_users && settings.local.enabled && !settings.incomplete;
  if (!is_alone) return {};
  return [settings](std::string_view domain) { return !settings.IsLocalDomain(domain); };
}

}  // namespace

Site InstalledSite() {
  // A sender can do nothing about a mistake in the configuration: its warnings are the runner's to log.
  const auto settings = config::Load(MAILQUEUE_CONFDIR).settings;
  return {.hostname = settings.mail.hostname,
          .domain = settings.mail.domain,
          .drop_directory = MAILQUEUE_SPOOLDIR "/drop",
          .submit_socket = MAILQUEUE_RUNDIR "/submit",
          .uid = ::getuid(),
          .max_message_size = settings.queue.message_size,
          .reserve = settings.queue.reserve,
          .rewrite_from = FromRewriter(settings),
          .refuses_domain = DomainRefuser(settings)};
}

}  // namespace submit
