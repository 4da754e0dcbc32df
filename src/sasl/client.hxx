// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "sasl/secret.hxx"
#include "smtp/client/login.hxx"
#include "tls/channel_binding.hxx"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct Gsasl;
struct Gsasl_session;

namespace sasl {

/// The mechanisms by GNU SASL: EXTERNAL (RFC 4422) for who has a certificate; SCRAM with SHA-256 and SHA-1
/// (RFC 5802, RFC 7677), tied to the TLS connection where both sides can (-PLUS); CRAM-MD5, PLAIN, LOGIN.
/// With SCRAM the server says how many rounds a password takes: more than kMaxRounds are refused.
class Client : public smtp::Authenticator {
 public:
  /// Of SCRAM (RFC 5802 section 5.1, "i"): what is recommended for passwords today (RFC 7677 has 4096 at
  /// least), and under a second.
  static constexpr unsigned long kMaxRounds = 600'000;

  /// @param secret empty: EXTERNAL alone
  /// @param certificate under TLS the server knows us by one: EXTERNAL comes first
  /// Throws std::runtime_error if the library can't be set up.
  explicit Client(std::optional<Secret> secret, bool certificate = false);

  /// From now on logins are made over a TLS connection, or, with an empty binding, over none.
  void SetBinding(tls::ChannelBinding binding) { binding_ = std::move(binding); }

  [[nodiscard]] std::vector<Mechanism> Mechanisms() const override;
  [[nodiscard]] std::optional<std::string> Start(std::string_view mechanism) override;
  [[nodiscard]] std::optional<std::string> Step(std::string_view challenge) override;
  [[nodiscard]] bool IsComplete() const noexcept override { return complete_; }

 private:
  struct Done {
    void operator()(Gsasl* library) const noexcept;
    void operator()(Gsasl_session* session) const noexcept;
  };

  void SetProperties(bool bind);
  [[nodiscard]] bool IsAffordable(const std::string& challenge) const;
  void SetBindingProperty(int property, const std::string& octets);

  std::optional<Secret> secret_;
  bool certificate_;
  tls::ChannelBinding binding_;
  bool complete_ = false;
  bool scram_ = false;  // the mechanism that runs
  std::unique_ptr<Gsasl, Done> library_;
  std::unique_ptr<Gsasl_session, Done> session_;
};

}  // namespace sasl
