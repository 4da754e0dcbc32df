// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/connector.hxx"
#include "tls/stream.hxx"

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace relay {

/// Connects to the first of several addresses that takes the connection: each is tried when the one before it
/// has failed, or has not answered for kAttemptDelay; all go on meanwhile (RFC 8305 section 5).
class Race : public std::enable_shared_from_this<Race> {
 public:
  static constexpr std::chrono::milliseconds kAttemptDelay{250};  ///< RFC 8305 section 8

  struct Outcome {
    std::unique_ptr<tls::Stream> stream;  ///< empty if no address has taken the connection
    std::size_t winner = 0;               ///< its index, if there is a stream
    std::vector<std::optional<mail::DeliveryResult>>
        faults;  ///< of each address; empty where it has none yet
  };

  /// @param candidates at least one
  /// @param limit for each
  Race(const asio::any_io_executor& executor, std::vector<Candidate> candidates,
       std::vector<std::string> sources, tls::Stream::Duration limit);

  /// Once.
  [[nodiscard]] asio::awaitable<Outcome> Run();

 private:
  void Start();
  asio::awaitable<void> Attempt(std::size_t index);

  const std::vector<Candidate> candidates_;
  const std::vector<std::string> sources_;
  const tls::Stream::Duration limit_;
  asio::steady_timer event_;                           // cancelled when an attempt has ended
  std::vector<std::unique_ptr<tls::Stream>> streams_;  // one an attempt
  std::size_t running_ = 0;
  Outcome outcome_;
};

}  // namespace relay
