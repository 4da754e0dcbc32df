// SPDX-License-Identifier: BSD-2-Clause
#include "programs/launcher/launcher.hxx"

#include "base/text.hxx"
#include "paths.h"

#include <sys/socket.h>

#include <exception>

namespace launcher {

namespace {

constexpr std::size_t kMaxUnitName = 256;  // octets, with a NUL (systemd.unit(5))
constexpr int kMaxNameClashes = 100;       // of units left by a launcher that ran with a clock ahead of ours

// The program is to talk with the runner and nobody else: no file, no terminal, no socket of the network.
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

// Of one directory's name; a dot at the very beginning would make a hidden unit.
std::string EscapePart(std::string_view part, bool is_first) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string escaped;
  for (const char c : part) {
    const auto octet = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool dot = c == '.' && !(is_first && escaped.empty());
    if (letter || dot || c == ':' || c == '_')
      escaped += c;
    else
      escaped += {'\\', 'x', kHex[octet >> 4], kHex[octet & 15]};
  }
  return escaped;
}

// Those of this project, also of its programs to come. Nobody's mail goes to them; the one exception does
// what aliases say.
bool IsOfMailSystem(std::string_view name) noexcept {
  return name == "mailqueue" || (name.starts_with("mailqueue-") && name != "mailqueue-alias");
}

// DynamicUser= of systemd.exec(5): another service gets the uid, and with it the mailbox, when this one has
// stopped. People that an administrator has given such a uid have a home.
bool IsDynamic(const User& user) noexcept {
  constexpr uid_t kFirst = 61184;  // https://systemd.io/UIDS-GIDS
  constexpr uid_t kLast = 65519;
  return user.uid >= kFirst && user.uid <= kLast && user.home == "/";
}

courier::LaunchReply Refuse(std::uint64_t serial, std::string text) {
  return {serial, false, std::move(text)};
}

}  // namespace

bus::TransientService MakeService(courier::LaunchKind kind, const User& user, std::uint64_t number) {
  const bool is_command = kind == courier::LaunchKind::Command;
  const std::string program = is_command ? "mailqueue-command" : "mailqueue-deliver";
  const auto uid = std::to_string(user.uid);
  bus::TransientService service;
  service.name = program + "-" + uid + "-" + std::to_string(number) + ".service";
  service.description = (is_command ? "Mail to a command of " : "Mail delivery to ") + user.name;
  service.user = uid;
  service.executable = MAILQUEUE_LIBEXECDIR "/" + program;
  service.arguments = {program};
  service.properties = {{"StandardOutput", "journal"}, {"StandardError", "journal"}};
  if (is_command) {
    service.stop_arguments = {program, "--report"};
    return service;
  }
  if (IsHome(user.home)) service.bind_paths.push_back({user.home, user.home, true});
  return service;
}

std::string NameOfHomeUnit(std::string_view home) {
  std::string name = "mailqueue-home@";
  for (const auto& part : SplitList(home, "/")) {
    if (part == "." || part == "..") return {};
    if (!name.ends_with('@')) name += '-';
    name += EscapePart(part, name.ends_with('@'));
  }
  name += ".path";
  return home.starts_with('/') && name.size() < kMaxUnitName ? name : std::string();
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
  const bool awaits_home = request.kind == courier::LaunchKind::AwaitHome;
  if (!awaits_home && !IsAgentEnd(agent_end))
    return Refuse(request.serial, "The request came without a SOCK_SEQPACKET socket");
  const auto user = look_up_(request.uid);
  if (!user) return Refuse(request.serial, "No user has uid " + std::to_string(request.uid));
  if ((user->uid == peer && peer != 0) || IsOfMailSystem(user->name))
    return Refuse(request.serial, "The mail system's own users have no mailbox");
  if (IsDynamic(*user))
    return Refuse(request.serial, user->name + " has its uid only while its service runs, and so no mailbox");
  return awaits_home ? AwaitHome(request, *user) : StartService(request, agent_end, *user);
}

courier::LaunchReply Launcher::StartService(const courier::LaunchRequest& request, FdRef agent_end,
                                            const User& user) {
  for (int i = 0; i < kMaxNameClashes; ++i) {
    const auto service = MakeService(request.kind, user, number_++);
    if (start_(service, agent_end) == bus::Manager::Start::Accepted)
      return {request.serial, true, service.name};
  }
  return Refuse(request.serial, "Found no free name for a unit");
}

courier::LaunchReply Launcher::AwaitHome(const courier::LaunchRequest& request, const User& user) {
  const auto unit = IsHome(user.home) ? NameOfHomeUnit(user.home) : std::string();
  if (unit.empty()) return Refuse(request.serial, user.name + " has no home directory to wait for");
  start_unit_(unit);
  return {request.serial, true, unit};
}

}  // namespace launcher
