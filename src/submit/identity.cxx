// SPDX-License-Identifier: BSD-2-Clause
#include "submit/identity.hxx"

#include "base/text.hxx"
#include "base/user.hxx"
#include "paths.h"
#include "submit/refusal.hxx"

#include <sys/stat.h>
#include <sysexits.h>

#include <cctype>
#include <system_error>

namespace submit {

namespace {

constexpr std::size_t kMaxGecosName = 256;

// A user database that is complete knows the owner of the queue. In a container or a chroot without the spool
// there is no owner to look up.
bool IsDatabaseWhole() {
  struct stat drop {};
  return ::stat(MAILQUEUE_SPOOLDIR "/drop", &drop) < 0 || FindUser(drop.st_uid);
}

}  // namespace

Identity FindIdentity(uid_t uid) try {
  const auto user = FindUser(uid);
  if (user && !user->name.empty()) return {user->name, FullName(user->gecos, user->name)};
  if (!IsDatabaseWhole()) throw Refusal(EX_TEMPFAIL, "the user database knows nobody, retry later");
  return {"uid" + std::to_string(uid), {}};
} catch (const std::system_error& error) {
  throw Refusal(EX_TEMPFAIL, "the user database does not answer: " + error.code().message());
}

bool IsUser(const std::string& name) try {
  return FindUser(name).has_value();
} catch (const std::system_error& error) {
  throw Refusal(EX_TEMPFAIL, "the user database does not answer: " + error.code().message());
}

std::string FullName(std::string_view gecos, std::string_view user) {
  std::string name;
  for (const char c : Trim(gecos.substr(0, gecos.find(',')))) {
    if (c != '&') {
      name += c;
      continue;
    }
    name += user;
    name[name.size() - user.size()] = static_cast<char>(std::toupper(static_cast<unsigned char>(user[0])));
  }
  return HasControl(name) || name.size() > kMaxGecosName ? std::string() : name;
}

}  // namespace submit
