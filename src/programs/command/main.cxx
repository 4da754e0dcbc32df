// SPDX-License-Identifier: BSD-2-Clause
// mailqueue-command: gives a message to a command of the user that it runs as, by becoming it.
//
// Runs as the recipient in mailqueue-command-UID-N.service, which mailqueue-launcher has systemd start,
// twice: as the main process, and with --report when that has ended (ExecStopPost=). Standard input is one
// end of a socket pair; the runner has the other (courier/protocol.hxx), and the command never sees it. May:
// read the user's forward files and the configuration, run one command with the message as its standard
// input. Must never: fork; run anything but what the user or root has written down, or a shell to split it;
// put an address into a command line. The file's mode, 0711, keeps the user from tracing it before it is the
// command.
#include "base/error.hxx"
#include "base/name_services.hxx"
#include "local/permissions.hxx"
#include "paths.h"
#include "programs/command/run.hxx"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

// Descriptors 0 to 2 will be the command's.
UniqueFd TakeRunner() {
  UniqueFd runner(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!runner) ThrowErrno("Failed to copy the socket");
  return runner;
}

void Run(bool report) {
  if (::prctl(PR_SET_DUMPABLE, 0) < 0) ThrowErrno("Failed to forbid tracing");
  ::signal(SIGXFSZ, SIG_IGN);  // a limit of size is to be an error of write(2)
  const UniqueFd runner = TakeRunner();
  if (report) {
    command::ReportEnding(
        runner, {Environment("SERVICE_RESULT"), Environment("EXIT_CODE"), Environment("EXIT_STATUS")});
    return;
  }
  name_services::StopAtOutages();
  const auto user = FindUser(::getuid());
  if (!user) throw std::runtime_error("No user has uid " + std::to_string(::getuid()));
  local::Permissions permissions(*user, MAILQUEUE_CONFDIR);
  command::RunCommand(runner, *user, permissions);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Run(argc == 2 && std::string_view(argv[1]) == "--report");
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "<3>%s\n", error.what());  // sd-daemon(3): LOG_ERR
    return EX_TEMPFAIL;
  }
}
