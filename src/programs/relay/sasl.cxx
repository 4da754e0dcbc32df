// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/sasl.hxx"

#include <cstring>
#include <gsasl.h>
#include <new>
#include <stdexcept>

namespace relay {

namespace {

// Strongest first.
constexpr smtp::Authenticator::Mechanism kMechanisms[] = {
    {"CRAM-MD5", false}, {"PLAIN", true}, {"LOGIN", true, true}};

// What gsasl_step64 returns holds the password.
struct WipingFree {
  void operator()(char* text) const noexcept {
    ::explicit_bzero(text, std::strlen(text));
    gsasl_free(text);
  }
};

}  // namespace

void SaslClient::Done::operator()(Gsasl* library) const noexcept {
  gsasl_done(library);
}
void SaslClient::Done::operator()(Gsasl_session* session) const noexcept {
  gsasl_finish(session);
}

SaslClient::SaslClient(Secret secret) : secret_(std::move(secret)) {
  Gsasl* library = nullptr;
  const int result = gsasl_init(&library);
  if (result != GSASL_OK)
    throw std::runtime_error(std::string("Failed to set up SASL: ") + gsasl_strerror(result));
  library_.reset(library);
}

std::vector<smtp::Authenticator::Mechanism> SaslClient::Mechanisms() const {
  return {std::begin(kMechanisms), std::end(kMechanisms)};
}

std::optional<std::string> SaslClient::Start(std::string_view mechanism) {
  session_.reset();
  Gsasl_session* session = nullptr;
  if (gsasl_client_start(library_.get(), std::string(mechanism).c_str(), &session) != GSASL_OK)
    return std::nullopt;
  session_.reset(session);
  if (gsasl_property_set(session, GSASL_AUTHID, secret_.user.c_str()) != GSASL_OK ||
      gsasl_property_set(session, GSASL_PASSWORD, secret_.password.c_str()) != GSASL_OK)
    throw std::bad_alloc();
  return Step({});
}

std::optional<std::string> SaslClient::Step(std::string_view challenge) {
  char* output = nullptr;
  const int result = gsasl_step64(session_.get(), std::string(challenge).c_str(), &output);
  const std::unique_ptr<char, WipingFree> holder(output);
  if (result != GSASL_OK && result != GSASL_NEEDS_MORE) return std::nullopt;
  return std::string(output ? output : "");
}

}  // namespace relay
