// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace sasl {

/// Access tokens, each fetched when it is first needed and kept until a server refuses it. mailqueue-token
/// runs the command of TokenCommand=, which is not this process's to run.
class TokenSource {
 public:
  static constexpr std::size_t kMaxToken = 16 * 1024;  ///< octets
  static constexpr std::chrono::seconds kTime{90};     ///< for the command, its start included

  explicit TokenSource(std::string socket = DefaultSocket()) : socket_(std::move(socket)) {}
  /// Wipes the tokens.
  ~TokenSource();
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;

  /// The token of @p command, which is the value of a TokenCommand=. Throws std::runtime_error that says what
  /// went wrong.
  [[nodiscard]] asio::awaitable<std::string> Find(std::string command);
  /// The next Find runs the command again, if @p token is what it has.
  void Forget(const std::string& command, const std::string& token);

 private:
  static std::string DefaultSocket();

  std::string socket_;
  std::map<std::string, std::string> tokens_;  // by command
};

}  // namespace sasl
