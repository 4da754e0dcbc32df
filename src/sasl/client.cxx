// SPDX-License-Identifier: BSD-2-Clause
#include "sasl/client.hxx"

#include "base/text.hxx"

#include <cstring>
#include <gsasl.h>
#include <new>
#include <stdexcept>

namespace sasl {

namespace {

using Mechanism = smtp::Authenticator::Mechanism;

// Strongest first. There is no fallback from a -PLUS mechanism: a server that offers one, and sees that the
// client could use it but does not, takes that for an attack (RFC 5802 section 6).
constexpr Mechanism kExternal = {"EXTERNAL"};
constexpr Mechanism kBound[] = {{"SCRAM-SHA-256-PLUS"}, {"SCRAM-SHA-1-PLUS"}};
constexpr Mechanism kMechanisms[] = {
    {"SCRAM-SHA-256"}, {"SCRAM-SHA-1"}, {"CRAM-MD5"}, {"PLAIN", true}, {"LOGIN", true, true}};

// Wipes the result of gsasl_step64, which has the password in it.
struct WipingFree {
  void operator()(char* text) const noexcept {
    ::explicit_bzero(text, std::strlen(text));
    gsasl_free(text);
  }
};

}  // namespace

void Client::Done::operator()(Gsasl* library) const noexcept {
  gsasl_done(library);
}
void Client::Done::operator()(Gsasl_session* session) const noexcept {
  gsasl_finish(session);
}

Client::Client(std::optional<Secret> secret, bool certificate)
    : secret_(std::move(secret)), certificate_(certificate) {
  Gsasl* library = nullptr;
  const int result = gsasl_init(&library);
  if (result != GSASL_OK)
    throw std::runtime_error(std::string("Failed to set up SASL: ") + gsasl_strerror(result));
  library_.reset(library);
}

std::vector<Mechanism> Client::Mechanisms() const {
  std::vector<Mechanism> mechanisms;
  const bool tls = !binding_.exporter.empty() || !binding_.unique.empty();
  if (tls && certificate_) mechanisms.push_back(kExternal);
  if (!secret_) return mechanisms;
  if (tls) mechanisms.insert(mechanisms.end(), std::begin(kBound), std::end(kBound));
  mechanisms.insert(mechanisms.end(), std::begin(kMechanisms), std::end(kMechanisms));
  return mechanisms;
}

std::optional<std::string> Client::Start(std::string_view mechanism) {
  session_.reset();
  complete_ = false;
  scram_ = mechanism.starts_with("SCRAM-");
  Gsasl_session* session = nullptr;
  if (gsasl_client_start(library_.get(), std::string(mechanism).c_str(), &session) != GSASL_OK)
    return std::nullopt;
  session_.reset(session);
  SetProperties(mechanism.ends_with("-PLUS"));
  return Step({});
}

// GNU SASL 2.2 fails where the other mechanisms find a binding, which they would mention to the server (RFC
// 5802 section 6, "y"). So they go without, and nobody notices one who takes -PLUS out of a server's list:
// that is one who has got past the verification of its certificate.
void Client::SetProperties(bool bind) {
  if (!secret_) return;
  if (gsasl_property_set(session_.get(), GSASL_AUTHID, secret_->user.c_str()) != GSASL_OK ||
      gsasl_property_set(session_.get(), GSASL_PASSWORD, secret_->password.c_str()) != GSASL_OK)
    throw std::bad_alloc();
  if (!bind) return;
  SetBindingProperty(GSASL_CB_TLS_EXPORTER, binding_.exporter);
  SetBindingProperty(GSASL_CB_TLS_UNIQUE, binding_.unique);
}

void Client::SetBindingProperty(int property, const std::string& octets) {
  if (octets.empty()) return;
  char* text = nullptr;
  std::size_t size = 0;
  if (gsasl_base64_to(octets.data(), octets.size(), &text, &size) != GSASL_OK) throw std::bad_alloc();
  const int result = gsasl_property_set(session_.get(), static_cast<Gsasl_property>(property), text);
  gsasl_free(text);
  if (result != GSASL_OK) throw std::bad_alloc();
}

// A limit, because a server could ask for thousands of millions of rounds and keep a processor busy for
// hours.
bool Client::IsAffordable(const std::string& challenge) const {
  if (!scram_ || challenge.empty()) return true;
  char* decoded = nullptr;
  std::size_t size = 0;
  if (gsasl_base64_from(challenge.data(), challenge.size(), &decoded, &size) != GSASL_OK) return false;
  const std::unique_ptr<char, decltype(&gsasl_free)> holder(decoded, &gsasl_free);
  for (const auto& attribute : SplitList({decoded, size}, ",")) {
    if (!attribute.starts_with("i=")) continue;
    const auto rounds = ParseNumber<unsigned long>(std::string_view(attribute).substr(2));
    if (!rounds || *rounds > kMaxRounds) return false;
  }
  return true;
}

std::optional<std::string> Client::Step(std::string_view challenge_text) {
  const std::string challenge(challenge_text);
  if (!IsAffordable(challenge)) return std::nullopt;
  char* output = nullptr;
  const int result = gsasl_step64(session_.get(), challenge.c_str(), &output);
  const std::unique_ptr<char, WipingFree> holder(output);
  if (result != GSASL_OK && result != GSASL_NEEDS_MORE) return std::nullopt;
  complete_ = result == GSASL_OK;
  return std::string(output ? output : "");
}

}  // namespace sasl
