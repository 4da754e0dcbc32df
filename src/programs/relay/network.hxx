// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/resolver.hxx"
#include "programs/relay/sts_policies.hxx"
#include "programs/relay/tls_contexts.hxx"
#include "programs/relay/tls_report.hxx"
#include "programs/relay/token_source.hxx"

#include <asio/any_io_executor.hpp>

namespace relay {

/// What all connections share: who knows names and policies, and how TLS is done.
struct Network {
  /// Faults of the resolver and of policies go to the journal.
  explicit Network(const asio::any_io_executor& executor, dns::SystemFiles files = {});

  dns::Resolver resolver;
  StsPolicies sts;
  TlsReport report;
  TlsContexts contexts;
  TokenSource tokens{};
};

}  // namespace relay
