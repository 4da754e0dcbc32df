// SPDX-License-Identifier: BSD-2-Clause
#include "local/forward_file.hxx"

#include "base/path_walk.hxx"
#include "courier/packet.hxx"
#include "local/forward_reader.hxx"
#include "local/home.hxx"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <vector>

namespace local {

namespace {

constexpr std::size_t kMaxExtension = 200;  // octets; a file's name can't be much longer

std::vector<std::string> CandidatesFor(std::string_view extension) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& suffix) {
    for (const char* name : {".forward", ".config/mailqueue/forward"}) names.push_back(name + suffix);
  };
  const bool usable = !extension.empty() && extension.size() <= kMaxExtension &&
                      extension.find_first_of(std::string_view("/\0", 2)) == extension.npos;
  if (usable) add("+" + std::string(extension));
  add("");
  return names;
}

bool IsMissing(const PathFault& fault) noexcept {
  return fault.code == ENOENT || fault.code == ENOTDIR || fault.code == ENAMETOOLONG;
}

// The mailbox gets the mail of a file that is not used, and the user is told why.
courier::Forward MailboxInstead(const std::string& path, const std::string& why) {
  return {path, {{mail::Destination::Kind::User, {}, 0}}, {path + ": " + why}};
}

ForwardWord Read(FdRef file, const std::string& path, const User& user) {
  ForwardReader reader(user, path);
  if (const auto refusal = reader.Read(file)) {
    if (refusal->may_pass) return ForwardDeferred(path, refusal->text);
    return MailboxInstead(path, refusal->text);
  }
  auto& forward = reader.Forward();
  if (forward.destinations.empty()) return NoForward{};
  const courier::Answer largest{UINT64_MAX, {}, forward};
  if (largest.ToText().size() > courier::kMaxPacket)
    return MailboxInstead(path, "says more than " + std::to_string(courier::kMaxPacket) +
                                    " octets, with all that it includes: shorten it");
  return std::move(forward);
}

}  // namespace

ForwardWord FindForward(const User& user, std::string_view extension) {
  struct stat status;
  if (!HasUsableHome(user, status)) return NoForward{};
  PathWalk walk(user, PathWalk::Bounds::Home);
  for (const auto& name : CandidatesFor(extension)) {
    const std::string path = std::string(HomeOf(user)) + "/" + name;
    auto opened = walk.OpenFile(name);
    if (const auto* fault = std::get_if<PathFault>(&opened)) {
      if (IsMissing(*fault)) continue;
      if (MayPass(*fault)) return ForwardDeferred(path, "can't be used: " + fault->text);
      return MailboxInstead(path, "can't be used: " + fault->text);
    }
    // Others who may write to the home could have put the file there.
    if (const auto distrust = FindDistrust(status, user))
      return MailboxInstead(path, "is not used, because the home directory " + *distrust);
    return Read(std::get<UniqueFd>(opened), path, user);
  }
  return NoForward{};
}

}  // namespace local
