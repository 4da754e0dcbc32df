// SPDX-License-Identifier: BSD-2-Clause
#include "base/user.hxx"

#include "base/error.hxx"
#include "base/name_services.hxx"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace {

constexpr char kPasswdFile[] = "/etc/passwd";
constexpr uid_t kFirstPerson = 1000;
constexpr uid_t kNobody = 65534;
constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kLargestBuffer = 1024 * 1024;

// The C library would wait for somebody to write into a FIFO of that name.
void RequireFile(const char* path) {
  struct stat status {};
  if (::stat(path, &status) == 0 && !S_ISREG(status.st_mode))
    throw MakeErrno(EINVAL, "Not a regular file:", path);
}

// Calls look_up(buffer) with larger and larger buffers until its result, an errno value, is not ERANGE.
template <typename LookUp>
int WithBuffer(LookUp look_up) {
  for (std::size_t size = kFirstBuffer; size <= kLargestBuffer; size *= 2) {
    std::vector<char> buffer(size);
    errno = EAGAIN;  // what getpwnam_r(3) returns for a service that fails and does not say why
    if (const int error = look_up(buffer); error != ERANGE) return error;
  }
  return ERANGE;
}

// Only 0 means "no such user". getpwnam(3) has a list of other values that a service may have for it, but
// these are as well what it has for a file or a directory service that is away.
template <typename LookUp>
std::optional<User> LookUpUser(const std::string& key, LookUp look_up) {
  name_services::Refresh();
  RequireFile("/etc/passwd");
  const auto text = [](const char* field) { return std::string(field ? field : ""); };
  std::optional<User> user;
  const int error = WithBuffer([&](std::vector<char>& buffer) {
    passwd entry{};
    passwd* found = nullptr;
    const int code = look_up(&entry, buffer.data(), buffer.size(), &found);
    if (found)
      user = User{text(entry.pw_name), entry.pw_uid,         entry.pw_gid,
                  text(entry.pw_dir),  text(entry.pw_gecos), text(entry.pw_shell)};
    return code;
  });
  if (!user && error != 0) throw MakeErrno(error, "Failed to look up user", key);
  return user;
}

}  // namespace

std::optional<User> FindUser(uid_t uid) {
  return LookUpUser(std::to_string(uid), [uid](auto... out) { return ::getpwuid_r(uid, out...); });
}

std::optional<User> FindUser(const std::string& name) {
  return LookUpUser(name, [&name](auto... out) { return ::getpwnam_r(name.c_str(), out...); });
}

std::set<std::string> AddressesInPasswdFile() {
  std::set<std::string> names;
  struct stat status {};
  if (::stat(kPasswdFile, &status) < 0 || !S_ISREG(status.st_mode)) return names;
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(kPasswdFile, "re"), std::fclose);
  if (!file) return names;
  std::vector<char> buffer(kFirstBuffer);
  for (;;) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::fgetpwent_r(file.get(), &entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE && buffer.size() < kLargestBuffer) {
      buffer.resize(buffer.size() * 2);
    } else if (error != 0) {
      return names;
    } else if (std::strchr(entry.pw_name, '@')) {
      names.insert(entry.pw_name);
    }
  }
}

bool IsPerson(uid_t uid) noexcept {
  return uid >= kFirstPerson && uid != kNobody;
}

std::optional<gid_t> FindGroup(const std::string& name) {
  name_services::Refresh();
  RequireFile("/etc/group");
  std::optional<gid_t> gid;
  const int error = WithBuffer([&](std::vector<char>& buffer) {
    group entry{};
    group* found = nullptr;
    const int code = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found) gid = entry.gr_gid;
    return code;
  });
  if (!gid && error != 0) throw MakeErrno(error, "Failed to look up group", name);
  return gid;
}
