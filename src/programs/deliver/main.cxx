// SPDX-License-Identifier: BSD-2-Clause
// mailqueue-deliver: puts mail into the mailbox of the user that it runs as, and says which relays they have
// chosen for what they submit.
//
// Runs as that user, with group mail besides, in mailqueue-deliver-UID-N.service, which
// mailqueue-launcher has systemd start. Standard input is one end of a socket pair; the runner has the other
// (courier/protocol.hxx). May: write the mailbox and its locks in the mail directory or the user's home, hand
// their credentials to the relay, sealed so that the runner, which passes them on, can't read them. Must
// never: deliver where neither the configuration nor the user has said, run a program, reach the network,
// believe a path or a file that the user can change without looking at what was opened. The user can signal
// it, but must not be able to trace it: it has group mail, and the user has not.
#include "base/error.hxx"
#include "base/name_services.hxx"
#include "local/permissions.hxx"
#include "paths.h"
#include "programs/deliver/agent.hxx"
#include "programs/deliver/wait.hxx"
#include "sandbox/syscall_filter.hxx"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

void Run() {
  // The file's mode, 0711, sees to the time before this line.
  if (::prctl(PR_SET_DUMPABLE, 0) < 0) ThrowErrno("Failed to forbid tracing");
  sandbox::Enter();
  ::umask(0007);
  ::signal(SIGXFSZ, SIG_IGN);  // a limit of size is to be an error of write(2)
  deliver::HoldTermination();
  name_services::StopAtOutages();
  const auto user = FindUser(::getuid());
  if (!user) throw std::runtime_error("No user has uid " + std::to_string(::getuid()));
  local::Permissions permissions(*user, MAILQUEUE_CONFDIR);
  deliver::Serve(FdRef(STDIN_FILENO), *user, permissions, deliver::ChoiceSealer());
}

}  // namespace

int main() {
  try {
    Run();
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "<3>%s\n", error.what());  // sd-daemon(3): LOG_ERR
    return EXIT_FAILURE;
  }
}
