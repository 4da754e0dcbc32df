// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/authentication.hxx"
#include "programs/relay/connector.hxx"
#include "programs/relay/identity.hxx"
#include "programs/relay/job.hxx"
#include "programs/relay/network.hxx"
#include "programs/relay/parameters.hxx"
#include "programs/relay/preparation.hxx"
#include "smtp/client/client.hxx"
#include "tls/policy.hxx"
#include "tls/sessions.hxx"
#include "tls/stream.hxx"

#include <asio/awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace relay {

/// One connection to a server: smtp::Client with a stream under it. One call at a time.
class Connection {
 public:
  /// All outlive the connection.
  Connection(const Identity& identity, const Parameters& parameters, Network& network,
             tls::Sessions& sessions) noexcept
      : identity_(identity),
        timeouts_(parameters.timeouts),
        network_(network),
        sessions_(sessions),
        authentication_(identity, network.tokens) {}

  /// Connects, negotiates and logs in: one round over the hosts and their addresses, until one takes mail.
  /// @return empty if messages can be delivered; else why not, as the result of all that wait
  [[nodiscard]] asio::awaitable<std::optional<mail::DeliveryResult>> Open();
  /// Not None if it was the login that Open failed with.
  [[nodiscard]] smtp::LoginFault GetLoginFault() const noexcept {
    return client_ ? client_->GetLoginFault() : smtp::LoginFault::None;
  }
  /// After Open, whatever came of it: how far it got with the server tried last, line by line, for a person.
  [[nodiscard]] std::vector<std::string> Describe() const;
  /// Sends one message to the recipients that have no result, and stores the results in the job.
  [[nodiscard]] asio::awaitable<void> Deliver(Job& job);
  /// Sends QUIT, and does not wait long for the reply.
  [[nodiscard]] asio::awaitable<void> Quit();

  /// The connection can carry another message.
  [[nodiscard]] bool IsReady() const noexcept { return IsOpen() && client_->MayBegin(); }
  /// It can be taken leave of, at least.
  [[nodiscard]] bool IsOpen() const noexcept;

 private:
  using Policy = smtp::SessionPolicy;

  using Fault = std::optional<mail::DeliveryResult>;

  asio::awaitable<Fault> TryAll();
  asio::awaitable<Fault> OpenRelay();
  asio::awaitable<Fault> OpenMx();
  Fault DemandTls(bool named_securely, bool policy_unknown);
  asio::awaitable<Fault> CheckDemand(const Candidate& candidate, Fault fault);
  asio::awaitable<Fault> OpenHost(std::vector<Candidate> candidates);
  asio::awaitable<Fault> TryOpen(const Candidate& candidate, std::unique_ptr<tls::Stream> stream);
  asio::awaitable<Fault> Begin(const Candidate& candidate, bool starttls);
  asio::awaitable<void> Reconnect(const Candidate& candidate);
  void CountTls(const Fault& fault) const;
  mail::DeliveryResult ExplainRefusal() const;
  asio::awaitable<void> Run();
  asio::awaitable<void> Drive();
  asio::awaitable<void> Flush();
  asio::awaitable<void> ReadInput();
  asio::awaitable<std::string_view> ReadLastWords();
  asio::awaitable<void> StartTls();
  asio::awaitable<void> SendText();
  mail::DeliveryResult Explain(const tls::StreamError& error) const;

  const Identity& identity_;
  const smtp::Timeouts& timeouts_;
  Network& network_;
  tls::Sessions& sessions_;
  tls::Policy policy_;                 // of the host
  std::shared_ptr<tls::Context> tls_;  // that is in use
  std::unique_ptr<tls::Stream> stream_;
  std::string remote_;
  Authentication authentication_;
  std::unique_ptr<smtp::Client> client_;
  std::size_t awaited_ = 0;  // the number of the reply that reply_due_ is about; 0: none
  std::chrono::steady_clock::time_point reply_due_{};
  bool encrypted_ = false;
  bool tls_failed_ = false;
  const Job* job_ = nullptr;        // that is being delivered, and
  Preparation* message_ = nullptr;  // its message
  std::array<char, 4096> input_;
};

}  // namespace relay
