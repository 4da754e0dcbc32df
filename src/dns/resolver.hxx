// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/answer.hxx"
#include "dns/context.hxx"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dns {

/// The files of the system that say how names are looked up.
struct SystemFiles {
  std::string resolv_conf = "/etc/resolv.conf";
  std::string hosts = "/etc/hosts";
  std::string anchor = "/usr/share/dns/root.key";              ///< the keys of the root, for DNSSEC
  std::uint16_t port = 53;                                     ///< of the name servers
  std::chrono::milliseconds limit = std::chrono::seconds(20);  ///< for one question
};

/// The addresses of a host.
struct HostAddresses {
  Status status = Status::Failed;
  bool secure = false;    ///< all of them have been validated, or stand in this machine's own file
  std::string canonical;  ///< as Answer has it
  std::vector<asio::ip::address> addresses;  ///< both families, in no order
  std::string why;                           ///< as Answer has it
};

/// Whether an answer is validated with DNSSEC where that can be done.
enum class Trust {
  Validated,
  Any,  ///< as it comes, for names whose servers are known by other means
};

/// Looks names up in DNS, through the name servers of resolv.conf(5), and hosts in hosts(5) before that.
/// Search domains apply to FindHost alone. A change of the files counts from the next question on.
///
/// Whether signatures come through the name servers is found out by asking for the root's. If they don't,
/// nothing is validated: all answers are insecure, none is bogus.
class Resolver {
 public:
  using Report = std::function<void(const std::string& text)>;

  static constexpr std::chrono::hours kProbeAgain{1};  ///< name servers that have not let signatures through
  static constexpr std::size_t kMaxAddresses = 16;     ///< of a host

  /// @param report called once for servers that can't be used for DNSSEC, with a text for the administrator
  Resolver(asio::any_io_executor executor, SystemFiles files, Report report);

  /// @param name in the form of ToAscii
  [[nodiscard]] asio::awaitable<Answer> Ask(std::string name, Type type);
  /// @param hosts names in any case, or ToAscii's
  /// @return one a host, in their order
  [[nodiscard]] asio::awaitable<std::vector<HostAddresses>> FindAddresses(std::vector<std::string> hosts,
                                                                          Trust trust);
  /// Finds a host that somebody has written down, as getaddrinfo(3) does: with the search domains of
  /// resolv.conf(5), and without validation. @param host as of FindAddresses
  [[nodiscard]] asio::awaitable<HostAddresses> FindHost(std::string host);
  /// Whether hosts(5) has the name.
  [[nodiscard]] bool IsInFiles(const std::string& host) const;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Signatures { Unknown, Pass, Stripped };

  void Refresh();
  std::shared_ptr<Context> Plain();
  asio::awaitable<std::shared_ptr<Context>> Validating();  // empty if no name server answers
  asio::awaitable<void> Probe();
  void GiveUpValidation(const std::string& why);
  std::shared_ptr<Context> Make(bool validate);

  asio::any_io_executor executor_;
  SystemFiles files_;
  Report report_;
  std::string fingerprint_;              // of the files that the contexts were made of
  std::shared_ptr<Context> plain_;       // empty until it is needed
  std::shared_ptr<Context> validating_;  // likewise
  Signatures signatures_ = Signatures::Unknown;
  Clock::time_point probe_at_{};  // with Signatures::Stripped
  bool reported_ = false;
};

}  // namespace dns
