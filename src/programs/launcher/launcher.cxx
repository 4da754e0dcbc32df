// SPDX-License-Identifier: BSD-2-Clause
#include "programs/launcher/launcher.hxx"

#include "paths.h"

#include <sys/socket.h>

#include <exception>

namespace launcher {

namespace {

constexpr int kMaxNameClashes = 100;  // of units left by a launcher that ran with a clock ahead of ours

// The agent is to talk with the runner and nobody else: no file, no terminal, no socket of the network.
bool IsAgentEnd(FdRef fd) noexcept {
  int domain = 0;
  int type = 0;
  socklen_t size = sizeof(int);
  return fd.Get() >= 0 && ::getsockopt(fd.Get(), SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
         domain == AF_UNIX && ::getsockopt(fd.Get(), SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_SEQPACKET;
}

bool IsHome(const std::string& path) noexcept {
  return path.starts_with('/') && path.find_first_not_of('/') != path.npos;
}

courier::LaunchReply Refuse(std::uint64_t serial, std::string text) {
  return {serial, false, std::move(text)};
}

}  // namespace

bus::TransientService MakeService(const User& user, std::uint64_t number) {
  bus::TransientService service;
  const auto uid = std::to_string(user.uid);
  service.name = "mailqueue-deliver-" + uid + "-" + std::to_string(number) + ".service";
  service.description = "Mail delivery to " + user.name;
  service.user = uid;
  service.executable = MAILQUEUE_LIBEXECDIR "/mailqueue-deliver";
  service.arguments = {"mailqueue-deliver"};
  if (IsHome(user.home)) service.bind_paths.push_back({user.home, user.home, true});
  service.properties = {{"StandardOutput", "journal"}, {"StandardError", "journal"}};
  return service;
}

courier::LaunchReply Launcher::Handle(std::string_view text, FdRef agent_end, uid_t peer) noexcept {
  const auto request = courier::LaunchRequest::Parse(text);
  if (!request) return Refuse(0, "The request is not understood");
  try {
    return Launch(*request, agent_end, peer);
  } catch (const std::exception& error) {
    return Refuse(request->serial, error.what());
  }
}

courier::LaunchReply Launcher::Launch(const courier::LaunchRequest& request, FdRef agent_end, uid_t peer) {
  if (!IsAgentEnd(agent_end))
    return Refuse(request.serial, "The request came without a SOCK_SEQPACKET socket");
  if (request.uid == peer && peer != 0)
    return Refuse(request.serial, "The mail system's own users have no mailbox");
  const auto user = look_up_(request.uid);
  if (!user) return Refuse(request.serial, "No user has uid " + std::to_string(request.uid));
  for (int i = 0; i < kMaxNameClashes; ++i) {
    const auto service = MakeService(*user, number_++);
    if (start_(service, agent_end) == bus::Manager::Start::Accepted)
      return {request.serial, true, service.name};
  }
  return Refuse(request.serial, "Found no free name for a unit");
}

}  // namespace launcher
