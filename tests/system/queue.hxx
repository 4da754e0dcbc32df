// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"

#include <string>
#include <vector>

namespace machine {

/// The envelopes in the queue's directory; one that is being replaced may be missing.
[[nodiscard]] std::vector<mail::Envelope> ReadQueue();

/// True if drop/ and queue/ hold nothing; names with a leading dot don't count.
[[nodiscard]] bool IsQueueEmpty();

/// For a message about a failure: what is in the queue and the last lines of the journal.
[[nodiscard]] std::string DescribeQueue();

/// The value of a property of a unit.
[[nodiscard]] std::string UnitProperty(const std::string& unit, const std::string& property);

/// Lines for /etc/mailqueue/mailqueue.conf.d, in force as long as this lives.
class Configuration {
 public:
  explicit Configuration(const std::string& text);
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  static constexpr const char* kPath = "/etc/mailqueue/mailqueue.conf.d/50-test.conf";
};

/// A file of a machine's set-up, removed again.
class SetupFile {
 public:
  SetupFile(std::string path, const std::string& text, unsigned mode = 0644);
  ~SetupFile();
  SetupFile(const SetupFile&) = delete;
  SetupFile& operator=(const SetupFile&) = delete;

 private:
  std::string path_;
};

}  // namespace machine
