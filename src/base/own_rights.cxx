// SPDX-License-Identifier: BSD-2-Clause
#include "base/own_rights.hxx"

#include "base/error.hxx"
#include "base/user.hxx"

#include <grp.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <endian.h>
#include <string>
#include <vector>

namespace own_rights {

namespace {

constexpr char kLentGroup[] = "mail";
constexpr std::size_t kMaxList = 64 * 1024;  // octets: the most that an attribute can have (xattr(7))

struct Entry {
  unsigned tag;
  unsigned rights;
  std::uint32_t id;  ///< of a named user or group
};

// The list that stands for a mode (acl(5)).
std::vector<Entry> ListOfMode(mode_t mode) {
  return {
      {ACL_USER_OBJ, (mode >> 6) & 7U, 0}, {ACL_GROUP_OBJ, (mode >> 3) & 7U, 0}, {ACL_OTHER, mode & 7U, 0}};
}

std::vector<Entry> ReadList(FdRef opened, const struct stat& status) {
  const std::string path = "/proc/self/fd/" + std::to_string(opened.Get());
  std::vector<char> value(kMaxList);
  const ssize_t size = ::getxattr(path.c_str(), "system.posix_acl_access", value.data(), value.size());
  if (size < 0 && errno != ENODATA && errno != EOPNOTSUPP)
    ThrowErrno("Failed to read an access control list");
  if (size < 0) return ListOfMode(status.st_mode);
  std::vector<Entry> list;
  for (auto at = sizeof(posix_acl_xattr_header);
       at + sizeof(posix_acl_xattr_entry) <= static_cast<std::size_t>(size);
       at += sizeof(posix_acl_xattr_entry)) {
    posix_acl_xattr_entry entry;
    std::memcpy(&entry, value.data() + at, sizeof entry);
    list.push_back({le16toh(entry.e_tag), le16toh(entry.e_perm), le32toh(entry.e_id)});
  }
  return list;
}

// Of named users and of all groups.
unsigned MaskOf(const std::vector<Entry>& list) noexcept {
  const auto mask = std::ranges::find(list, static_cast<unsigned>(ACL_MASK), &Entry::tag);
  return mask == list.end() ? 7U : mask->rights;
}

bool IsOfGroup(const Entry& entry, const struct stat& status, gid_t gid) noexcept {
  return entry.tag == ACL_GROUP ? entry.id == gid : entry.tag == ACL_GROUP_OBJ && status.st_gid == gid;
}

bool GivesTo(gid_t gid, const std::vector<Entry>& list, const struct stat& status, unsigned wanted) {
  const unsigned mask = MaskOf(list);
  return std::ranges::any_of(list, [&](const Entry& entry) {
    return IsOfGroup(entry, status, gid) && (entry.rights & mask & wanted) == wanted;
  });
}

std::vector<gid_t> GroupsOfProcess() {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  if (count < 0) ThrowErrno("Failed to learn the groups of this process");
  groups.resize(static_cast<std::size_t>(count));
  groups.push_back(::getegid());
  return groups;
}

bool IsMember(uid_t uid, gid_t gid) {
  const auto user = FindUser(uid);
  if (!user) return false;
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  while (::getgrouplist(user->name.c_str(), user->gid, groups.data(), &count) < 0 &&
         static_cast<std::size_t>(count) > groups.size())
    groups.resize(static_cast<std::size_t>(count));
  groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  return std::ranges::count(groups, gid) > 0;
}

// The algorithm of acl(5), "Access check algorithm", for whoever is not the owner.
bool GivesToUser(const std::vector<Entry>& list, const struct stat& status, uid_t uid,
                 const std::vector<gid_t>& groups, unsigned wanted) {
  const unsigned mask = MaskOf(list);
  const auto named = std::ranges::find_if(
      list, [uid](const Entry& entry) { return entry.tag == ACL_USER && entry.id == uid; });
  if (named != list.end()) return (named->rights & mask & wanted) == wanted;
  bool is_member = false;
  for (const gid_t gid : groups) {
    if (GivesTo(gid, list, status, wanted)) return true;
    is_member |= std::ranges::any_of(list, [&](const auto& entry) { return IsOfGroup(entry, status, gid); });
  }
  const auto others = std::ranges::find(list, static_cast<unsigned>(ACL_OTHER), &Entry::tag);
  return !is_member && others != list.end() && (others->rights & wanted) == wanted;
}

}  // namespace

bool Suffice(FdRef opened, const struct stat& status, uid_t uid, Wanted wanted) {
  if (status.st_uid == uid) return true;
  // The common case: everybody may, and the owning group, so that no list takes anything away.
  if ((status.st_mode & (status.st_mode >> 3) & wanted) == wanted) return true;
  const auto lent = FindGroup(kLentGroup);
  if (!lent) return true;
  const auto list = ReadList(opened, status);
  if (!GivesTo(*lent, list, status, wanted) || IsMember(uid, *lent)) return true;
  auto groups = GroupsOfProcess();
  std::erase(groups, *lent);
  return GivesToUser(list, status, uid, groups, wanted);
}

}  // namespace own_rights
