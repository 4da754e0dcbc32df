// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "deadline.hxx"
#include "mailbox.hxx"
#include "process.hxx"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace machine {

/// What the receiving server kept of one transaction.
struct Received {
  std::string connection;  ///< its number
  std::string peer;        ///< the client's address
  std::string tls;         ///< version, or "no"
  std::string server_name;
  std::string auth;  ///< the user
  std::string hello;
  std::string sender;                   ///< with brackets and parameters
  std::vector<std::string> recipients;  ///< with brackets and parameters
  std::string message;                  ///< lines ended by CRLF

  [[nodiscard]] Letter Content() const { return ParseLetter(message); }
};

/// mailqueue-sink on a port of this machine.
class Receiver {
 public:
  /// @param options further words of its command line
  /// @param port 0: one that is free
  explicit Receiver(std::vector<std::string> options = {}, std::string address = "127.0.0.1",
                    std::uint16_t port = 0);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// Replaces its rules; they hold from the next command on.
  void SetRules(const std::string& lines);
  /// No one listens any more; Start() listens on the same port again.
  void Stop();
  void Start();

  /// The folder in which a file appears for each transaction.
  [[nodiscard]] const std::string& Messages() const noexcept { return messages_; }
  [[nodiscard]] std::uint16_t Port() const noexcept { return port_; }
  /// "HOST:PORT" with another name for the address.
  [[nodiscard]] std::string At(const std::string& host = "127.0.0.1") const;
  /// Everything received so far.
  [[nodiscard]] std::vector<Received> All() const;
  [[nodiscard]] std::vector<Received> WithSubject(const std::string& subject) const;
  /// Waits until there is one with this subject. Throws std::runtime_error if none comes.
  [[nodiscard]] Received WaitFor(const std::string& subject, std::chrono::milliseconds limit = kSoon) const;
  /// Waits until so many messages have been received, or the time has passed.
  [[nodiscard]] bool WaitForCount(std::size_t number, std::chrono::milliseconds limit = kSoon) const;
  /// "connections", "open", "peak", "transactions", "messages", "recipients" or "violations", since the last
  /// Start().
  [[nodiscard]] std::size_t Counter(const std::string& name) const;

 private:
  std::string directory_;
  std::string messages_;  ///< below it: where the running server keeps what it gets
  int starts_ = 0;
  std::vector<std::string> options_;
  const std::string address_;
  std::uint16_t port_;
  std::unique_ptr<Child> child_;
};

}  // namespace machine
