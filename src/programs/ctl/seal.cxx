// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/seal.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"
#include "bus/manager.hxx"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace ctl {

namespace {

constexpr const char* kProgram = "/usr/bin/systemd-creds";
constexpr timeval kTime{30, 0};  // to make the machine's key, if it has none yet

struct Ends {
  UniqueFd ours;
  UniqueFd theirs;
};

Ends MakeSockets() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) ThrowErrno("Failed to make a socket");
  Ends sockets{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (::setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &kTime, sizeof kTime) < 0)
    ThrowErrno("Failed to set up a socket");
  return sockets;
}

bus::TransientService MakeService(const std::string& name, const std::string& path) {
  bus::TransientService service;
  service.name = "mailqueue-seal-" + std::to_string(::getpid()) + ".service";
  service.description = "Encryption of a mail relay's credential";
  service.user = "0";
  service.executable = kProgram;
  service.arguments = {"systemd-creds", "encrypt", "--name=" + name, "-", path};
  service.properties = {{"Type", std::string("oneshot")}, {"StandardOutput", std::string("journal")}};
  return service;
}

// The unit has the other end until it is gone.
bool WaitForEnd(FdRef socket) {
  char octet = 0;
  ssize_t size = 0;
  do size = ::read(socket.Get(), &octet, 1);
  while (size < 0 && errno == EINTR);
  return size == 0;
}

}  // namespace

std::string Seal(const std::string& name, const std::string& path, std::string_view secret) {
  if (::access(kProgram, X_OK) < 0) return std::string("there is no ") + kProgram;
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  auto [ours, theirs] = MakeSockets();
  try {
    bus::Manager manager;
    const auto service = MakeService(name, fresh);
    if (manager.StartTransientService(service, theirs) != bus::Manager::Start::Accepted)
      return service.name + " runs already";
  } catch (const bus::Error& error) {
    return error.what();
  }
  theirs = UniqueFd();
  if (::send(ours.Get(), secret.data(), secret.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(secret.size()) ||
      ::shutdown(ours.Get(), SHUT_WR) < 0)
    return "systemd-creds does not take the secret";
  struct stat status;
  const bool is_made = WaitForEnd(ours) && ::stat(fresh.c_str(), &status) == 0 && status.st_size > 0;
  if (is_made && ::chmod(fresh.c_str(), 0600) == 0 && ::rename(fresh.c_str(), path.c_str()) == 0) return {};
  ::unlink(fresh.c_str());
  return "systemd-creds has made no file: see journalctl -u 'mailqueue-seal-*'";
}

}  // namespace ctl
