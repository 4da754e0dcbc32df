// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <utility>

namespace ctl {

/// The arguments of `mailqueuectl setup`.
struct SetupOptions {
  std::string address;
  std::string host;    ///< --host=: URL or name of the server; empty: it is looked up
  std::string name;    ///< --name=: of the account; empty: the address's domain
  std::string login;   ///< --login=: the user's name there; empty: the address
  bool force = false;  ///< --force: what is there may be overwritten
  bool user = false;   ///< --user: for the mail that the caller submits
};

/// Why there is nothing to be written down.
class SetupError {
 public:
  /// @param status of sysexits(3)
  SetupError(int status, std::string text) : status_(status), text_(std::move(text)) {}
  [[nodiscard]] int Status() const noexcept { return status_; }
  [[nodiscard]] const std::string& Text() const noexcept { return text_; }

 private:
  int status_;
  std::string text_;
};

/// Writes down an account: its credential, which is read from standard input, and a drop-in of the
/// configuration. Each file is whole and durable before the next one is begun, the credential first.
/// @return the section to be tested, as bus::QueueClient::TestRelay has it
/// Throws SetupError and std::system_error.
[[nodiscard]] std::string SetUp(const SetupOptions& options);

/// The same in the caller's home directory, mailqueue-relay.conf(5).
void SetUpForUser(const SetupOptions& options);

}  // namespace ctl
