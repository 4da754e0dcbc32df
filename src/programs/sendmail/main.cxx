// SPDX-License-Identifier: BSD-2-Clause
// sendmail, mailq, newaliases: hands a message to the queue, as whoever calls it.
//
// Runs with the caller's rights and no others; it is not set-id and must never be. It may create one file in
// drop/, or collect the message in memory or $TMPDIR and connect to the submit socket; mailq and -q run
// mailqueuectl. It must never believe the environment about who the caller is, follow an address or option to
// a file or a program, write anything on success, or exit with 0 before the message is on stable storage.
#include "base/name_services.hxx"
#include "programs/sendmail/sendmail.hxx"

#include <csignal>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of write(2), and the submit socket has none
  name_services::StopAtOutages();
  return RunSendmail(std::vector<std::string>(argv, argv + argc), submit::InstalledSite());
}
