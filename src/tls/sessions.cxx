// SPDX-License-Identifier: BSD-2-Clause
#include "tls/sessions.hxx"

#include <utility>

namespace tls {

namespace {

// The index at which a connection stores the pointer to its sessions.
int Index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

void Sessions::Free::operator()(SSL_SESSION* session) const noexcept {
  SSL_SESSION_free(session);
}

void Sessions::Watch(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &Sessions::OnNew);
}

void Sessions::Attach(SSL* connection) {
  SSL_set_ex_data(connection, Index(), this);
  if (sessions_.empty()) return;
  auto session = std::move(sessions_.back());
  sessions_.pop_back();
  SSL_set_session(connection, session.get());
  if (SSL_SESSION_get_protocol_version(session.get()) < TLS1_3_VERSION)
    sessions_.push_front(std::move(session));
}

// Returns 1 if this takes over the reference to the session.
int Sessions::OnNew(SSL* connection, SSL_SESSION* session) {
  auto* const self = static_cast<Sessions*>(SSL_get_ex_data(connection, Index()));
  if (!self || !SSL_SESSION_is_resumable(session)) return 0;
  self->sessions_.emplace_back(session);
  if (self->sessions_.size() > kMax) self->sessions_.pop_front();
  return 1;
}

}  // namespace tls
