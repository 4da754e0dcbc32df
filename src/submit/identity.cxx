// SPDX-License-Identifier: BSD-2-Clause
#include "submit/identity.hxx"

#include "base/text.hxx"
#include "mail/header_text.hxx"

#include <pwd.h>

#include <cctype>
#include <cerrno>
#include <vector>

namespace submit {

namespace {

constexpr std::size_t kMaxGecosName = 256;
constexpr std::size_t kMaxEntry = 64 * 1024;  // octets of a passwd entry

}  // namespace

Identity FindIdentity(uid_t uid) {
  std::vector<char> buffer(1024);
  struct passwd entry;
  struct passwd* found = nullptr;
  while (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < kMaxEntry)
    buffer.resize(buffer.size() * 4);
  if (!found || !*found->pw_name) return {"uid" + std::to_string(uid), {}};
  return {found->pw_name, FullName(found->pw_gecos ? found->pw_gecos : "", found->pw_name)};
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
  return mail::HasControl(name) || name.size() > kMaxGecosName ? std::string() : name;
}

}  // namespace submit
