// SPDX-License-Identifier: BSD-2-Clause
#include "base/user.hxx"

#include "base/error.hxx"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace {

constexpr uid_t kFirstPerson = 1000;
constexpr uid_t kNobody = 65534;
constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kLargestBuffer = 1024 * 1024;

// Some modules report an unknown name as one of these (getpwnam(3)).
bool MeansUnknown(int error) noexcept {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

// Calls look_up(buffer) with larger and larger buffers until its result, an errno value, is not ERANGE.
template <typename LookUp>
int WithBuffer(LookUp look_up) {
  for (std::size_t size = kFirstBuffer; size <= kLargestBuffer; size *= 2) {
    std::vector<char> buffer(size);
    if (const int error = look_up(buffer); error != ERANGE) return error;
  }
  return ERANGE;
}

template <typename LookUp>
std::optional<User> LookUpUser(const std::string& key, LookUp look_up) {
  std::optional<User> user;
  const int error = WithBuffer([&](std::vector<char>& buffer) {
    passwd entry{};
    passwd* found = nullptr;
    const int code = look_up(&entry, buffer.data(), buffer.size(), &found);
    if (found) user = User{entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir};
    return code;
  });
  if (!user && !MeansUnknown(error)) throw MakeErrno(error, "Failed to look up user", key);
  return user;
}

}  // namespace

std::optional<User> FindUser(uid_t uid) {
  return LookUpUser(std::to_string(uid), [uid](auto... out) { return ::getpwuid_r(uid, out...); });
}

std::optional<User> FindUser(const std::string& name) {
  return LookUpUser(name, [&name](auto... out) { return ::getpwnam_r(name.c_str(), out...); });
}

bool IsPerson(uid_t uid) noexcept {
  return uid >= kFirstPerson && uid != kNobody;
}

std::optional<gid_t> FindGroup(const std::string& name) {
  std::optional<gid_t> gid;
  const int error = WithBuffer([&](std::vector<char>& buffer) {
    group entry{};
    group* found = nullptr;
    const int code = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found) gid = entry.gr_gid;
    return code;
  });
  if (!gid && !MeansUnknown(error)) throw MakeErrno(error, "Failed to look up group", name);
  return gid;
}
