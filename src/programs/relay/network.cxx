// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/network.hxx"

#include "service/journal.hxx"

#include <cstdlib>
#include <string>
#include <utility>

namespace relay {

namespace {

void Warn(const std::string& text) {
  service::Log(LOG_WARNING, text);
}

// In CacheDirectory= of the unit (systemd.exec(5)); empty without one.
std::string CacheFolder(const std::string& name) {
  const char* const cache = std::getenv("CACHE_DIRECTORY");
  return cache ? cache + ("/" + name) : std::string();
}

}  // namespace

Network::Network(const asio::any_io_executor& executor, dns::SystemFiles files, std::string config)
    : resolver(executor, std::move(files), &Warn),
      sts(resolver, CacheFolder("mta-sts"), &Warn),
      report(CacheFolder("tlsrpt")),
      named(std::move(config)) {}

}  // namespace relay
