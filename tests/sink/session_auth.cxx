// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.hxx"
#include "encoding.hxx"
#include "session.hxx"
#include "sink/sasl_server.hxx"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <tuple>

namespace sink {

asio::awaitable<void> Session::OnAuth(std::string_view argument) {
  const auto space = std::min(argument.find(' '), argument.size());
  const auto mechanism = argument.substr(0, space);
  const auto& known = shared_.options.mechanisms;
  const bool offered =
      std::ranges::any_of(known, [&](const auto& name) { return EqualsIgnoreCase(name, mechanism); });
  if (!offered) {
    Reply("504 5.5.4 Mechanism not known");
    co_return;
  }
  if (!transaction_.auth.empty() || in_transaction_) {
    Reply("503 5.5.1 Not now");
    co_return;
  }
  const bool good = co_await Authenticate(mechanism, Trim(argument.substr(space)));
  if (good) transaction_.auth = shared_.options.user;
  Reply(good ? "235 2.7.0 Welcome" : "535 5.7.8 Authentication failed");
}

// Those of GNU SASL, with as many challenges as they ask for.
asio::awaitable<bool> Session::AuthenticateBySasl(std::string mechanism, std::string response) {
  SaslServer server(mechanism, shared_.options.user, shared_.options.password, connection_.Binding());
  for (;;) {
    const auto challenge = server.Step(response);
    const bool running = server.GetState() == SaslServer::State::Running;
    if (!running && challenge.empty()) break;
    Reply("334 " + challenge);
    const auto line = co_await connection_.ReadLine();
    if (!line || *line == "*") co_return false;
    if (!running) break;
    response = *line;
  }
  co_return server.GetState() == SaslServer::State::Accepted;
}

// OAUTHBEARER (RFC 7628), XOAUTH2: what is wrong with a token is said in a challenge.
asio::awaitable<bool> Session::AuthenticateByToken(std::optional<std::string> response) {
  if (!response) response = co_await Ask("");
  const auto& [user, token] = std::tie(shared_.options.user, shared_.options.password);
  const bool names_user = response && (response->starts_with("user=" + user + "\1") ||
                                       response->starts_with("n,a=" + user + ",\1"));
  if (names_user && response->ends_with("\1auth=Bearer " + token + "\1\1")) co_return true;
  const auto last = co_await Ask(R"({"status":"401","schemes":"bearer"})");
  co_return false;
}

// PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login), CRAM-MD5 (RFC 2195).
asio::awaitable<bool> Session::Authenticate(std::string_view mechanism, std::string_view initial) {
  if (StartsWithIgnoreCase(mechanism, "SCRAM-") || EqualsIgnoreCase(mechanism, "EXTERNAL")) {
    const std::string response(initial == "=" ? "" : initial);
    co_return co_await AuthenticateBySasl(std::string(mechanism), response);
  }
  const auto& [user, password] = std::tie(shared_.options.user, shared_.options.password);
  std::optional<std::string> first;
  if (!initial.empty()) first = initial == "=" ? std::string() : DecodeBase64(initial).value_or("");
  if (EqualsIgnoreCase(mechanism, "OAUTHBEARER") || EqualsIgnoreCase(mechanism, "XOAUTH2"))
    co_return co_await AuthenticateByToken(std::move(first));
  if (EqualsIgnoreCase(mechanism, "CRAM-MD5")) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::string challenge = fmt::format("<{}.{}@sink.example>", number_, now.count());
    const auto response = co_await Ask(challenge);
    co_return response&&* response == user + " " + HmacMd5(password, challenge);
  }
  if (EqualsIgnoreCase(mechanism, "PLAIN")) {
    if (!first) first = co_await Ask("");
    co_return first &&
        first->substr(std::min(first->find('\0'), first->size())) == '\0' + user + '\0' + password;
  }
  if (!first) first = co_await Ask("Username:");
  const auto second = co_await Ask("Password:");
  co_return first&& second&&* first == user&&* second == password;
}

asio::awaitable<std::optional<std::string>> Session::Ask(std::string challenge) {
  Reply("334 " + EncodeBase64(challenge));
  const auto line = co_await connection_.ReadLine();
  if (!line || *line == "*") co_return std::nullopt;
  co_return DecodeBase64(*line);
}

}  // namespace sink
