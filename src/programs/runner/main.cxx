// SPDX-License-Identifier: BSD-2-Clause
//
// mailqueue-runner: owns the spool. Takes in what sendmail dropped, keeps it, has it delivered, reports
// failures.
//
// Runs as mailqueue, from mailqueue.service. It may read and write the spool, look up users, and talk to
// mailqueue-relay, mailqueue-launcher and the bus over Unix sockets.
// It must never touch the network, a home directory or a credential, run a program, or start a unit itself.

#include "base/name_services.hxx"
#include "programs/runner/runner.hxx"
#include "sandbox/syscall_filter.hxx"
#include "service/journal.hxx"

#include <syslog.h>

#include <cstdlib>
#include <exception>

int main() {
  try {
    sandbox::Enter();
    name_services::StopAtOutages();
    runner::Runner().Run();
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    service::Log(LOG_CRIT, e.what());
    return EXIT_FAILURE;
  }
}
