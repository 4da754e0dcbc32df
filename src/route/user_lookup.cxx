// SPDX-License-Identifier: BSD-2-Clause
#include "route/user_lookup.hxx"

#include <pwd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace route {

namespace {

constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kLargestBuffer = 1024 * 1024;

}  // namespace

UserFound LookUpUser(const std::string& name) {
  for (std::size_t size = kFirstBuffer; size <= kLargestBuffer; size *= 2) {
    std::vector<char> buffer(size);
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found) return User{found->pw_name, found->pw_uid};
    // Some modules report an unknown name as one of these (getpwnam(3)).
    if (error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM) return NoUser{};
    if (error != ERANGE) return LookupFailed{std::strerror(error)};
  }
  return LookupFailed{"the entry is too large"};
}

}  // namespace route
