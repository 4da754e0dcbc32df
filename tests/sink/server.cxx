// SPDX-License-Identifier: BSD-2-Clause
#include "server.hxx"

#include "session.hxx"

#include <asio/basic_socket_acceptor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/core.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <netinet/tcp.h>

namespace sink {

namespace {

using Protocol = asio::generic::stream_protocol;
// The generic protocol has no acceptor of its own in Asio; nothing in it depends on the family.
using Acceptor = asio::basic_socket_acceptor<Protocol>;

asio::ssl::context MakeTls(const Options& options) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  if (options.tls == Tls::None) return context;
  context.use_certificate_chain_file(options.certificate);
  context.use_private_key_file(options.key, asio::ssl::context::pem);
  return context;
}

Protocol::endpoint EndpointOf(const Options& options) {
  if (!options.unix_path.empty()) return asio::local::stream_protocol::endpoint(options.unix_path);
  return asio::ip::tcp::endpoint(asio::ip::make_address(options.address), options.port);
}

Acceptor OpenListener(asio::io_context& context, const Options& options) {
  const auto endpoint = EndpointOf(options);
  if (!options.unix_path.empty()) ::unlink(options.unix_path.c_str());
  Acceptor acceptor(context);
  acceptor.open(endpoint.protocol());
  if (options.unix_path.empty()) acceptor.set_option(asio::socket_base::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen(1024);
  return acceptor;
}

void Announce(const Acceptor& acceptor, const Options& options) {
  if (!options.unix_path.empty()) {
    fmt::print("listening on {}\n", options.unix_path);
  } else {
    const auto endpoint = acceptor.local_endpoint();
    asio::ip::tcp::endpoint tcp;
    std::copy_n(reinterpret_cast<const char*>(endpoint.data()), endpoint.size(),
                reinterpret_cast<char*>(tcp.data()));
    fmt::print("listening on {}:{}\n", options.address, tcp.port());
  }
  std::fflush(stdout);
}

void SetNoDelay(Protocol::socket& socket, const Options& options) {
  if (options.unix_path.empty())
    socket.set_option(asio::detail::socket_option::boolean<IPPROTO_TCP, TCP_NODELAY>(true));
}

asio::awaitable<void> Converse(Protocol::socket socket, Shared shared) {
  try {
    Session session(Connection(std::move(socket)), shared);
    co_await session.Run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "mailqueue-sink: {}\n", error.what());
  }
}

asio::awaitable<void> AcceptAll(Acceptor& acceptor, Shared shared) {
  for (;;) {
    auto socket = co_await acceptor.async_accept(asio::use_awaitable);
    SetNoDelay(socket, shared.options);
    asio::co_spawn(acceptor.get_executor(), Converse(std::move(socket), shared), asio::detached);
  }
}

}  // namespace

void Serve(const Options& options) {
  asio::io_context context(1);
  asio::ssl::context tls = MakeTls(options);
  Rules rules(options.rules, options.rules_file);
  Acceptor acceptor = OpenListener(context, options);
  Announce(acceptor, options);
  Store store(options.output,
              options.counters);  // whoever waits for the counters finds a server that listens
  asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&context](const std::error_code&, int) { context.stop(); });
  asio::co_spawn(context, AcceptAll(acceptor, {options, rules, store, tls}), asio::detached);
  context.run();
}

}  // namespace sink
