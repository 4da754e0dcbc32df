// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/secret.hxx"
#include "smtp/login.hxx"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct Gsasl;
struct Gsasl_session;

namespace relay {

/// CRAM-MD5, PLAIN and LOGIN by GNU SASL.
class SaslClient : public smtp::Authenticator {
 public:
  /// Throws std::runtime_error if the library can't be set up.
  explicit SaslClient(Secret secret);

  [[nodiscard]] std::vector<Mechanism> Mechanisms() const override;
  [[nodiscard]] std::optional<std::string> Start(std::string_view mechanism) override;
  [[nodiscard]] std::optional<std::string> Step(std::string_view challenge) override;

 private:
  struct Done {
    void operator()(Gsasl* library) const noexcept;
    void operator()(Gsasl_session* session) const noexcept;
  };

  Secret secret_;
  std::unique_ptr<Gsasl, Done> library_;
  std::unique_ptr<Gsasl_session, Done> session_;
};

}  // namespace relay
