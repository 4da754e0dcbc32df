// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bus/error.hxx"
#include "bus/message_status.hxx"
#include "bus/route_line.hxx"
#include "mail/relay_report.hxx"

#include <memory>
#include <string>
#include <vector>

namespace bus {

/// The queue as a caller on the system bus sees it. Each call waits for the answer, and starts the service if
/// need be.
class QueueClient {
 public:
  /// Connects. Throws Error.
  QueueClient();
  ~QueueClient();
  QueueClient(const QueueClient&) = delete;
  QueueClient& operator=(const QueueClient&) = delete;

  /// All messages that the caller may see, oldest first. Throws Error.
  [[nodiscard]] std::vector<MessageStatus> List();
  /// Returns how many messages have become due. Throws Error.
  unsigned Flush();
  /// Where addresses lead: a tree, line by line. Throws Error.
  /// @param sender of mail to them; empty: the null sender
  [[nodiscard]] std::vector<RouteLine> Route(const std::string& sender,
                                             const std::vector<std::string>& addresses);
  /// What comes of a login to the relays of [Relay.NAME], or of [Relay] where the name is empty. May take
  /// minutes. Throws Error.
  [[nodiscard]] std::vector<mail::RelayReport> TestRelay(const std::string& name);
  /// Makes one message due. Throws Error, with the name kNoSuchMessage if the caller may see none of that ID.
  void FlushMessage(const std::string& id);
  /// Throws Error.
  [[nodiscard]] unsigned Length();
  /// Throws Error.
  [[nodiscard]] std::vector<std::string> Warnings();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bus
