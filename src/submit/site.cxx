// SPDX-License-Identifier: BSD-2-Clause
#include "submit/site.hxx"

#include "base/text.hxx"
#include "paths.h"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace submit {

Site InstalledSite() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  std::array<char, 256> mailname{};
  if (std::FILE* file = std::fopen("/etc/mailname", "re")) {
    if (!std::fgets(mailname.data(), mailname.size(), file)) mailname[0] = 0;
    std::fclose(file);
  }
  const std::string domain(Trim(mailname.data()));
  return {name.data(),
          domain.empty() ? name.data() : domain,
          MAILQUEUE_SPOOLDIR "/drop",
          MAILQUEUE_RUNDIR "/submit",
          ::getuid(),
          FindIdentity};
}

}  // namespace submit
