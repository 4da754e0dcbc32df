// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/resolver.hxx"
#include "mx/curl_fetcher.hxx"
#include "mx/sts_policies.hxx"
#include "mx/tls_report.hxx"
#include "paths.h"
#include "programs/relay/login_worker.hxx"
#include "programs/relay/named_relays.hxx"
#include "programs/relay/own_choice.hxx"
#include "sasl/token_source.hxx"
#include "tls/contexts.hxx"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <string>

namespace relay {

/// The services that all connections share: names, policies, the configuration, TLS.
struct Network {
  /// With more of them none waits for a further message, or for the reply to QUIT. There are as many again as
  /// requests at most, so all of them, the races for them and the messages fit into LimitNOFILE=.
  static constexpr std::size_t kManyConnections = 1500;

  /// Faults of the resolver and of policies go to the journal.
  /// @param config directory, as NamedRelays has it
  explicit Network(const asio::any_io_executor& executor, dns::SystemFiles files = {},
                   std::string config = MAILQUEUE_CONFDIR);

  dns::Resolver resolver;
  mx::CurlFetcher fetcher;
  mx::StsPolicies sts;
  mx::TlsReport report;
  tls::Contexts contexts;
  sasl::TokenSource tokens{};
  LoginWorker logins{};
  NamedRelays named;
  ChoiceOpener choices;
  std::size_t connections = 0;  ///< of all pools
  std::size_t many_connections = kManyConnections;
};

}  // namespace relay
