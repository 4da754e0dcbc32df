// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sink {

enum class Tls { None, StartTls, Implicit };

/// The command line of mailqueue-sink.
struct Options {
  std::string address = "127.0.0.1";  ///< --listen ADDR:PORT, the address without brackets
  std::uint16_t port = 0;             ///< 0: the kernel chooses
  std::string unix_path;              ///< --unix: instead of address and port
  bool lmtp = false;
  Tls tls = Tls::None;
  std::string certificate;              ///< PEM, the chain; needed for any TLS
  std::string key;                      ///< PEM
  std::vector<std::string> mechanisms;  ///< --auth: if there is one, MAIL needs AUTH first
  std::string user;
  std::string password;
  std::string output;                  ///< directory of the transactions; empty: they are only counted
  std::string counters;                ///< file; empty: none
  std::vector<std::string> rules;      ///< --rule, in order
  std::string rules_file;              ///< --rules: looked at before each command
  std::string limits;                  ///< --limits: of RFC 9422, as the server says them
  std::chrono::milliseconds delay{0};  ///< before each group of replies, as a round trip would take it
  std::size_t max_size = 100 << 20;    ///< octets of a message
  bool verbose = false;                ///< the dialog on stderr
};

/// Reads the command line; says what is wrong and exits 2 if it is, prints the usage for --help and exits 0.
[[nodiscard]] Options ParseOptions(int argc, char** argv);

}  // namespace sink
