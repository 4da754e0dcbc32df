// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/identity.hxx"
#include "programs/relay/job.hxx"
#include "programs/relay/sasl.hxx"
#include "programs/relay/stream.hxx"
#include "smtp/client.hxx"

#include <asio/awaitable.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace relay {

/// The two ways of TLS, shared by all connections.
struct TlsContexts;

/// One connection to a server: smtp::Client with a stream under it. One call at a time.
class Connection {
 public:
  /// Both outlive the connection.
  Connection(const Identity& identity, TlsContexts& tls) noexcept : identity_(identity), tls_(tls) {}

  /// Connects, negotiates and logs in. @return empty if messages can be delivered; else why not,
  /// as the result of all that wait
  [[nodiscard]] asio::awaitable<std::optional<mail::DeliveryResult>> Open();
  struct Delivery {
    std::vector<mail::DeliveryResult> results;  ///< one a recipient
    bool untouched =
        false;  ///< the server had left before it saw anything of it: another connection may do better
  };
  /// One transaction.
  [[nodiscard]] asio::awaitable<Delivery> Deliver(const Job& job);
  /// Takes leave, without waiting for long.
  [[nodiscard]] asio::awaitable<void> Quit();

  /// The connection can carry another transaction.
  [[nodiscard]] bool IsReady() const noexcept;

 private:
  using Policy = smtp::SessionPolicy;

  asio::awaitable<std::optional<mail::DeliveryResult>> TryOpen(Policy::StartTls starttls);
  std::optional<mail::DeliveryResult> FindAuthenticator();
  asio::awaitable<void> Reach(Policy& policy);
  mail::DeliveryResult ExplainRefusal() const;
  asio::awaitable<void> Run(const Job* job);
  asio::awaitable<void> Drive(const Job* job);
  asio::awaitable<void> Flush();
  asio::awaitable<void> ReadInput();
  asio::awaitable<std::string_view> ReadLastWords();
  asio::awaitable<void> StartTls();
  asio::awaitable<void> SendText(const Job& job);
  mail::DeliveryResult Explain(const StreamError& error) const;

  const Identity& identity_;
  TlsContexts& tls_;
  std::unique_ptr<Stream> stream_;
  std::string remote_;
  std::unique_ptr<SaslClient> authenticator_;
  std::unique_ptr<smtp::Client> client_;
  bool tls_failed_ = false;
  std::array<char, 4096> input_;
};

}  // namespace relay
