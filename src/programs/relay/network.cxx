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

// RuntimeDirectory= of the unit; empty without one.
std::string RuntimeFolder() {
  const char* const runtime = std::getenv("RUNTIME_DIRECTORY");
  return runtime ? runtime : "";
}

}  // namespace

Network::Network(const asio::any_io_executor& executor, dns::SystemFiles files, std::string config)
    : resolver(executor, std::move(files), &Warn),
      sts(resolver, fetcher, CacheFolder("mta-sts"), &Warn),
      report(CacheFolder("tlsrpt")),
      named(std::move(config)),
      choices(RuntimeFolder()) {}

}  // namespace relay
