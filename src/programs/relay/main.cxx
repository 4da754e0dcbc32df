// SPDX-License-Identifier: BSD-2-Clause
//
// mailqueue-relay hands mail to other servers, for the runner: SMTP and LMTP, TLS, logins.
//
// It runs as user mailqueue-relay, started by mailqueue-relay.socket, and speaks the courier protocol
// (courier/protocol.hxx) there. It is the only program of mailqueue that talks to mail servers, and the only
// one that sees the relays' credentials, but for a user's own agent, which reads theirs.
// It never opens a file but the credentials, the configuration and what the libraries read: messages come as
// descriptors. It writes files only in its cache, and its key in /run/mailqueue-relay. It never shows a
// credential to a server that neither the configuration nor the owner of the credential names for it,
// whatever the runner says, and never takes unbounded time or memory for what a server says.
#include "programs/relay/server.hxx"
#include "sandbox/syscall_filter.hxx"
#include "service/activation.hxx"
#include "service/journal.hxx"

#include <sys/prctl.h>

#include <exception>

namespace {

int Run() {
  // No core, no ptrace(2), no /proc/PID/mem for others of this user: passwords pass through here.
  ::prctl(PR_SET_DUMPABLE, 0);
  sandbox::Enter();
  service::PassedSockets sockets;
  UniqueFd listener = sockets.Take("relay");
  if (!listener) {
    service::Log(LOG_ERR, "No socket named 'relay' was passed in: start mailqueue-relay.socket instead");
    return 1;
  }
  relay::Server(std::move(listener)).Run();
  return 0;
}

}  // namespace

int main() {
  try {
    return Run();
  } catch (const std::exception& error) {
    service::Log(LOG_ERR, std::string("mailqueue-relay failed: ") + error.what());
    return 1;
  }
}
