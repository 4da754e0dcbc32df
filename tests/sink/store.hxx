// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sink {

/// A message and how it came.
struct Transaction {
  std::size_t connection = 0;           ///< from 1
  std::string peer;                     ///< the client's address; empty for a Unix socket
  std::string tls;                      ///< the protocol's version, "no" without TLS
  std::string server_name;              ///< what TLS's server name indication asked for
  std::string auth;                     ///< the user, or empty
  std::string hello;                    ///< as sent: "EHLO host.example"
  std::string sender;                   ///< MAIL as sent behind "FROM:", with its parameters
  std::vector<std::string> recipients;  ///< RCPT as sent behind "TO:"; only those accepted
  std::string message;                  ///< dot-stuffing undone, lines ended by CRLF
};

/// Where the transactions and the counters are kept for others to read.
class Store {
 public:
  /// @param directory empty: transactions are only counted
  /// @param counters a file, written in place, always of the same size; empty: none
  /// Throws std::system_error.
  Store(std::string directory, const std::string& counters);

  /// @return the connection's number
  std::size_t CountConnection();
  void CountEndOfConnection();
  void CountTransaction();
  /// Something that a client must not do, said on stderr as well.
  void CountViolation(std::size_t connection, std::string_view text);
  /// Writes "NUMBER.eml" so that it appears whole, after the counters. Throws std::system_error.
  void Keep(const Transaction& transaction);

 private:
  enum Counter : std::size_t {
    Connections,
    Open,
    Peak,
    Transactions,
    Messages,
    Recipients,
    Violations,
    kCounters
  };

  void Add(Counter counter, std::size_t number);
  void Publish() const;

  std::string directory_;
  UniqueFd counters_;
  std::array<std::size_t, kCounters> values_{};
};

}  // namespace sink
