// SPDX-License-Identifier: BSD-2-Clause
#include "loopback_hosts.hxx"

#include <asio/co_spawn.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <sys/resource.h>

#include <exception>
#include <system_error>
#include <utility>

using asio::ip::tcp;

namespace machine {

namespace {

// A connection may take two descriptors, and there are hundreds at a time.
void AllowManyDescriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// A host that could not be served any more would look like one that is slow.
void Rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

LoopbackHosts::LoopbackHosts(Serve serve)
    : serve_(std::move(serve)),
      acceptor_(context_, tcp::endpoint(asio::ip::address_v4::any(), 0)),
      port_(acceptor_.local_endpoint().port()) {
  AllowManyDescriptors();
  asio::co_spawn(context_, Accept(), Rethrow);
  thread_ = std::jthread([this] { context_.run(); });
}

LoopbackHosts::~LoopbackHosts() {
  context_.stop();
}

std::string LoopbackHosts::Url(std::size_t host, const std::string& scheme) const {
  return fmt::format("{}127.1.{}.{}:{}", scheme, host / 256, host % 256, port_);
}

std::string LoopbackHosts::Domain(std::size_t host) {
  return fmt::format("host{:05}.example", host);
}

asio::awaitable<void> LoopbackHosts::Accept() {
  for (;;) {
    auto client = co_await acceptor_.async_accept(asio::use_awaitable);
    asio::co_spawn(context_, Run(std::move(client)), Rethrow);
  }
}

asio::awaitable<void> LoopbackHosts::Run(tcp::socket client) {
  try {
    const auto host = client.local_endpoint().address().to_v4().to_uint() % kMax;
    co_await serve_(std::move(client), host);
  } catch (const std::system_error&) {
    // The client has gone.
  }
}

}  // namespace machine
