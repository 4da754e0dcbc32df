// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// nsd with a root of its own: for the resolver that asks it there is no other world. The root zone has names
/// of any depth; it is signed with keys that are made anew.
class NameServer {
 public:
  struct Content {
    /// Records of the root zone, in zone file form with absolute names; SOA and NS are there already.
    std::string root;
    /// Texts of the signed zone to be replaced by others of the same form: what they sign is bogus then.
    std::vector<std::pair<std::string, std::string>> forged{};
    /// Records of further zones, not signed, by their names with a last dot; the root delegates them. A zone
    /// whose records are empty can't be loaded: its names get SERVFAIL.
    std::map<std::string, std::string> plain_zones{};
    bool sign = true;  ///< else no signatures come through, as with many forwarders
  };

  /// Throws std::runtime_error.
  /// @param port 0: one that is free
  explicit NameServer(const Content& content, std::uint16_t port = 0);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  /// No one answers any more.
  void Stop();
  [[nodiscard]] std::uint16_t Port() const noexcept { return port_; }  ///< on 127.0.0.1
  /// A file with the public key of the root.
  [[nodiscard]] std::string Anchor() const { return directory_ + "/anchor"; }
  /// A file that names the server, as resolv.conf(5).
  [[nodiscard]] std::string ResolvConf() const { return directory_ + "/resolv.conf"; }
  /// An empty folder for the test, which goes with this.
  [[nodiscard]] const std::string& Directory() const noexcept { return directory_; }

 private:
  void WriteZones(const Content& content);
  void Sign(const Content& content);
  void WriteConfiguration(const Content& content);
  void Start(const Content& content, bool any_port);
  void Launch();

  std::string directory_;
  std::uint16_t port_;
  pid_t pid_ = -1;
  UniqueFd log_;
};
