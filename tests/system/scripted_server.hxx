// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "loopback_hosts.hxx"

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace machine {

/// What a host says that is not what it should.
struct Script {
  /// Octets in place of its own reply, by what they answer: "greeting", "EHLO", "MAIL", … and "." for the end
  /// of the message. Empty: it says nothing.
  std::map<std::string, std::string> replies{};
  bool closes = false;                 ///< the connection, behind such a reply
  bool deaf = false;                   ///< reads nothing of the message
  std::chrono::milliseconds pause{0};  ///< before each octet that it says
};

/// Hosts that play a script each, until they are told to behave.
class ScriptedServer {
 public:
  static constexpr std::string_view kTaken = "250 2.0.0 taken\r\n";  ///< its own reply to a message

  /// A message that has come as a whole.
  struct Copy {
    std::size_t host = 0;
    std::string text;   ///< as it was sent, dots and all, without the line with the dot
    std::string reply;  ///< to it
  };

  /// @param scripts host N plays the one with that index; further hosts behave
  explicit ScriptedServer(std::vector<Script> scripts);

  /// From now on all hosts behave, on new connections.
  void Behave();
  [[nodiscard]] std::vector<Copy> Copies() const;
  /// LoopbackHosts::Url.
  [[nodiscard]] std::string Url(std::size_t host, const std::string& scheme = "smtp+notls://") const {
    return hosts_.Url(host, scheme);
  }

 private:
  class Dialog;

  asio::awaitable<void> Serve(asio::ip::tcp::socket client, std::size_t host);
  [[nodiscard]] Script Find(std::size_t host) const;
  void Keep(Copy copy);

  mutable std::mutex mutex_;  // of what follows
  std::vector<Script> scripts_;
  std::vector<Copy> copies_;
  LoopbackHosts hosts_;  // last, because its thread uses the others
};

}  // namespace machine
