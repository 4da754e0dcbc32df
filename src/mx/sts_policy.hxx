// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mx {

/// The policy of a domain about the servers that take its mail (MTA-STS, RFC 8461 section 3.2).
struct StsPolicy {
  enum class Mode {
    None,     ///< there is no policy any more
    Testing,  ///< it is not to be enforced yet
    Enforce,  ///< the hosts are among those that it names, and prove it by their certificates
  };

  static constexpr std::size_t kMaxText = 64 * 1024;  ///< octets
  static constexpr std::size_t kMaxHosts = 1000;
  static constexpr std::chrono::seconds kMaxAge{31557600};  ///< a longer one is cut to that

  Mode mode = Mode::None;
  std::vector<std::string>
      hosts;  ///< in the form of dns::ToAscii; "*.NAME" for all with one label before NAME
  std::chrono::seconds max_age{};  ///< from when it was fetched

  /// Empty if @p text is no policy; @p why then says so for a person.
  [[nodiscard]] static std::optional<StsPolicy> Parse(std::string_view text, std::string& why);
  /// The host may take the domain's mail (RFC 8461 section 4.1).
  [[nodiscard]] bool Names(std::string_view host) const noexcept;
};

/// The id of the policy in force (RFC 8461 section 3.1), from the texts of the TXT records at
/// _mta-sts.DOMAIN. Empty if there is not exactly one that is such a record.
[[nodiscard]] std::optional<std::string> FindStsId(const std::vector<std::string>& records);

}  // namespace mx
