// SPDX-License-Identifier: BSD-2-Clause
#include "submit/site.hxx"

#include "config/settings.hxx"
#include "paths.h"

#include <unistd.h>

namespace submit {

Site InstalledSite() {
  // A sender can do nothing about a mistake in the configuration: its warnings are the runner's to log.
  const auto mail = config::Load(MAILQUEUE_CONFDIR).settings.mail;
  return {mail.hostname, mail.domain, MAILQUEUE_SPOOLDIR "/drop", MAILQUEUE_RUNDIR "/submit",
          ::getuid(),    FindIdentity};
}

}  // namespace submit
