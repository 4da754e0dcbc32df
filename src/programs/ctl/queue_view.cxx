// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/queue_view.hxx"

#include "base/text.hxx"
#include "config/files.hxx"
#include "mail/destination.hxx"
#include "route/tables.hxx"
#include "table/file_table.hxx"

#include <grp.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cstdlib>
#include <limits.h>
#include <memory>
#include <optional>
#include <system_error>

namespace ctl {

namespace {

using Faults = std::vector<std::string>;

constexpr char kQueueUser[] = "mailqueue";

std::vector<gid_t> GroupsOf(const ::User& user) {
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0) return {user.gid};
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

// As the kernel judges by the mode; what a list (acl(5)) says is not judged.
bool MayUse(const std::string& path, const struct stat& status, const ::User& user, mode_t wanted) {
  if (::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0) return true;
  if (status.st_uid == user.uid) return status.st_mode & (wanted << 6);
  const auto groups = GroupsOf(user);
  if (std::ranges::count(groups, status.st_gid) > 0) return status.st_mode & (wanted << 3);
  return status.st_mode & wanted;
}

// The first part of a path that @p user may not search or read; empty: they may, or it can't be told.
std::string FindShut(const std::string& path, const ::User& user) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (!real) return {};
  std::string part;
  for (const auto& name : SplitList(real.get(), "/")) {
    part.append("/").append(name);
    struct stat status;
    if (::stat(part.c_str(), &status) < 0) return {};
    const mode_t wanted = S_ISDIR(status.st_mode) ? S_IXOTH : S_IROTH;
    if (!MayUse(part, status, user, wanted)) return part;
  }
  return {};
}

}  // namespace

void QueueView::Check(const std::string& path, const std::string& name, Faults& faults) const {
  std::optional<::User> user;
  try {
    user = find_user_(name);
  } catch (const std::system_error&) {
    // The user database does not answer, which the queue tells.
  }
  const auto shut = user ? FindShut(path, *user) : std::string();
  if (shut.empty()) return;
  faults.push_back(path + ": user " + name +
                   " must be able to read it, and may not, because of the mode of " + shut + ": chmod o+" +
                   (shut == path ? "r" : "x") + " " + shut);
}

// Each program that runs as a user reads the configuration: the user of aliases stands for all of them.
Faults QueueView::FindHiddenFiles(const std::string& directory) const {
  Faults faults;
  for (const auto& path : config::ListFiles(directory).paths)
    for (const auto& user : {std::string(kQueueUser), settings_.local.alias_user}) Check(path, user, faults);
  for (const auto* table : {&settings_.route.virtual_users, &settings_.relay.map})
    if (*table && (*table)->kind == config::TableSpec::Kind::File) Check((*table)->text, kQueueUser, faults);
  return faults;
}

Faults QueueView::FindHiddenAliases() const {
  Faults faults;
  const auto& aliases = settings_.local.aliases;
  if (aliases.kind != config::TableSpec::Kind::File) return faults;
  for (const auto& user : {std::string(kQueueUser), settings_.local.alias_user})
    Check(aliases.text, user, faults);
  try {
    table::FileTable file(aliases.text, table::Separator::Colon);
    for (const auto& entry : file.Entries().entries)
      for (const auto& destination : mail::ParseDestinations(entry.value).entries)
        if (destination.kind == mail::Destination::Kind::Include) Check(destination.text, kQueueUser, faults);
  } catch (const table::Unavailable&) {
    // Whoever calls may not read it either, and CheckAliases tells that.
  }
  return faults;
}

std::string QueueView::FindReaderlessRoot() const {
  if (settings_.local.enabled) return {};
  route::Tables tables;
  tables.Use(settings_);
  try {
    if (tables.FindAlias("root") || tables.FindAlias("*")) return {};
  } catch (const table::Unavailable&) {
    return {};
  }
  return "No alias says who reads root's mail, and there is no mailbox here (Enabled=no): it is sent to "
         "root@" +
         settings_.mail.domain + ". Write \"root: ADDRESS\" into " + settings_.local.aliases.ToString();
}

}  // namespace ctl
