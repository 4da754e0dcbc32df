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

// @param look_up calls one of getpwnam_r(3) and getpwuid_r(3)
template <typename LookUp>
UserFound WithBuffer(LookUp look_up) {
  for (std::size_t size = kFirstBuffer; size <= kLargestBuffer; size *= 2) {
    std::vector<char> buffer(size);
    passwd entry{};
    passwd* found = nullptr;
    const int error = look_up(&entry, buffer.data(), buffer.size(), &found);
    if (found) return User{found->pw_name, found->pw_uid, found->pw_dir};
    // Some modules report an unknown name as one of these (getpwnam(3)).
    if (error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM) return NoUser{};
    if (error != ERANGE) return LookupFailed{std::strerror(error)};
  }
  return LookupFailed{"the entry is too large"};
}

}  // namespace

UserFound LookUpUser(const std::string& name) {
  return WithBuffer([&name](auto... out) { return ::getpwnam_r(name.c_str(), out...); });
}

UserFound LookUpUid(uid_t uid) {
  return WithBuffer([uid](auto... out) { return ::getpwuid_r(uid, out...); });
}

}  // namespace route
