// SPDX-License-Identifier: BSD-2-Clause
#include "sink/sasl_server.hxx"

#include <gsasl.h>
#include <utility>

namespace sink {

void SaslServer::Done::operator()(Gsasl* library) const noexcept {
  gsasl_done(library);
}
void SaslServer::Done::operator()(Gsasl_session* session) const noexcept {
  gsasl_finish(session);
}

SaslServer::SaslServer(const std::string& mechanism, std::string user, std::string password,
                       const ChannelBinding& binding)
    : user_(std::move(user)), password_(std::move(password)) {
  Gsasl* library = nullptr;
  if (gsasl_init(&library) != GSASL_OK) return;
  library_.reset(library);
  gsasl_callback_hook_set(library, this);
  gsasl_callback_set(library, [](Gsasl* owner, Gsasl_session* session, Gsasl_property property) {
    return OnProperty(owner, session, property);
  });
  Gsasl_session* session = nullptr;
  if (gsasl_server_start(library, mechanism.c_str(), &session) != GSASL_OK) return;
  session_.reset(session);
  if (!binding.exporter.empty()) gsasl_property_set(session, GSASL_CB_TLS_EXPORTER, binding.exporter.c_str());
  if (!binding.unique.empty()) gsasl_property_set(session, GSASL_CB_TLS_UNIQUE, binding.unique.c_str());
  state_ = State::Running;
}

int SaslServer::OnProperty(Gsasl* library, Gsasl_session* session, int property) {
  const auto& self = *static_cast<const SaslServer*>(gsasl_callback_hook_get(library));
  switch (property) {
    case GSASL_PASSWORD: {
      const char* user = gsasl_property_fast(session, GSASL_AUTHID);
      if (!user || user != self.user_) return GSASL_NO_PASSWORD;
      return gsasl_property_set(session, GSASL_PASSWORD, self.password_.c_str());
    }
    case GSASL_SCRAM_ITER:
      return gsasl_property_set(session, GSASL_SCRAM_ITER, "4096");
    case GSASL_VALIDATE_EXTERNAL:
      return GSASL_OK;
    default:
      return GSASL_NO_CALLBACK;
  }
}

std::string SaslServer::Step(const std::string& response) {
  if (state_ != State::Running) return {};
  char* output = nullptr;
  const int result = gsasl_step64(session_.get(), response.c_str(), &output);
  std::string challenge = output ? output : "";
  gsasl_free(output);
  if (result == GSASL_OK)
    state_ = State::Accepted;
  else if (result != GSASL_NEEDS_MORE)
    state_ = State::Refused;
  return state_ == State::Refused ? "" : challenge;
}

}  // namespace sink
