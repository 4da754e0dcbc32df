// SPDX-License-Identifier: BSD-2-Clause
// In the place of submit/site.cxx: a site that the environment describes, for tests. No installed program has
// it.
#include "submit/site.hxx"

#include <signal.h>

#include <cstdlib>

namespace submit {

namespace {

std::string Get(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

Identity IdentityFromEnvironment(uid_t) {
  const auto user = Get("TEST_USER");
  return {user, FullName(Get("TEST_GECOS"), user)};
}

bool IsInEnvironment(const std::string& name) {
  return name == Get("TEST_USER");
}

std::set<std::string> NamesFromEnvironment() {
  return {Get("TEST_USER")};
}

}  // namespace

Site InstalledSite() {
  // For a test that lets it go on from here: nothing has been touched yet.
  if (std::getenv("TEST_STOP")) ::raise(SIGSTOP);
  return {.hostname = Get("TEST_DOMAIN"),
          .domain = Get("TEST_DOMAIN"),
          .drop_directory = Get("TEST_DROP"),
          .submit_socket = Get("TEST_SOCKET"),
          .uid = static_cast<uid_t>(std::atoi(Get("TEST_UID").c_str())),
          .identify = IdentityFromEnvironment,
          .is_user = IsInEnvironment,
          .address_names = NamesFromEnvironment,
          .patience = {}};
}

}  // namespace submit
