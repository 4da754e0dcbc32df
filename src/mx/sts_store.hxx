// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mx/sts_policy.hxx"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace mx {

/// A policy as it was fetched.
struct StsEntry {
  std::string id;         ///< of the TXT record that it was fetched for
  std::time_t fetched{};  ///< seconds since the epoch
  std::string text;

  /// The policy, if it is still in force.
  [[nodiscard]] std::optional<StsPolicy> PolicyAt(std::time_t now) const;
};

/// The MTA-STS policies of domains, kept in files for as long as they are in force: that is what protects
/// from an attacker who hides a policy later (RFC 8461 section 10.2).
class StsStore {
 public:
  static constexpr std::size_t kMaxPolicies = 10000;  ///< further domains are looked up for each connection
  /// Octets of texts that are in memory as well; without a directory, of all texts.
  static constexpr std::size_t kMaxMemory = 8 * 1024 * 1024;

  /// @param directory for a file a domain, made if it is not there; empty: policies are kept in memory alone
  explicit StsStore(std::string directory) : directory_(std::move(directory)) {}

  /// @param domain in the form of dns::ToAscii
  /// @return the newest that was kept, in force or not. A file that can't be read counts as none.
  [[nodiscard]] std::optional<StsEntry> Find(const std::string& domain);
  /// Throws std::system_error where it can't be written; it is then kept in memory all the same.
  void Keep(const std::string& domain, StsEntry entry);
  /// Removes files of policies that are in force no longer.
  void RemoveExpired(std::time_t now);

 private:
  [[nodiscard]] std::optional<StsEntry> Load(const std::string& domain) const;
  void Remember(const std::string& domain, StsEntry entry);

  const std::string directory_;
  std::map<std::string, StsEntry> entries_;  // that have been looked at
  std::size_t octets_ = 0;                   // of their texts
  std::size_t files_ = 0;                    // that are there, as far as is known
};

}  // namespace mx
