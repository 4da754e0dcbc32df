// SPDX-License-Identifier: BSD-2-Clause
#include "sasl/token_client.hxx"

#include "base/wipe.hxx"
#include "crypto/base64.hxx"

#include <utility>

namespace sasl {

namespace {

constexpr std::string_view kBearer = "OAUTHBEARER";
constexpr std::string_view kXoauth2 = "XOAUTH2";

std::string Encode(std::string secret) {
  auto text = crypto::ToBase64(secret);
  Wipe(secret);
  return text;
}

// The name of a GS2 header (RFC 5801 section 4).
std::string EscapeName(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ',')
      out += "=2C";
    else if (c == '=')
      out += "=3D";
    else
      out += c;
  }
  return out;
}

}  // namespace

TokenClient::~TokenClient() {
  Wipe(login_.token);
}

std::vector<smtp::Authenticator::Mechanism> TokenClient::Mechanisms() const {
  return {{kBearer, true}, {kXoauth2, true}};
}

std::optional<std::string> TokenClient::Start(std::string_view mechanism) {
  bearer_ = mechanism == kBearer;
  if (!bearer_ && mechanism != kXoauth2) return std::nullopt;
  complete_ = true;
  if (!bearer_) return Encode("user=" + login_.user + "\1auth=Bearer " + login_.token + "\1\1");
  return Encode("n,a=" + EscapeName(login_.user) + ",\1host=" + login_.host +
                "\1port=" + std::to_string(login_.port) + "\1auth=Bearer " + login_.token + "\1\1");
}

std::optional<std::string> TokenClient::Step(std::string_view) {
  if (!std::exchange(complete_, false)) return std::nullopt;
  return bearer_ ? "AQ==" : "";
}

}  // namespace sasl
