// SPDX-License-Identifier: BSD-2-Clause
#include "support/simulated_inode.hxx"

#include "base/error.hxx"
#include "base/file.hxx"

#include <fcntl.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <dirent.h>

namespace {

constexpr unsigned kCookieBits = 40;  // an offset in a memfd

}  // namespace

void SimulatedInode::SetMemory(std::string_view text) {
  memory = UniqueFd(::memfd_create("simulated", MFD_CLOEXEC));
  if (!memory) ThrowErrno("Failed to make a memfd");
  WriteAll(memory, text);
  number = StatusOf(RealDisk(), memory).st_ino;
}

UniqueFd SimulatedInode::Open(int flags) const {
  const auto path = "/proc/self/fd/" + std::to_string(memory.Get());
  return UniqueFd(::open(path.c_str(), flags & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CLOEXEC)));
}

int SimulatedInode::Stat(FdRef file, struct stat& status) const {
  if (::fstat(file.Get(), &status) < 0) return -1;
  status.st_dev = 1;
  status.st_mode = mode;
  status.st_nlink = links;
  status.st_uid = owner;
  status.st_gid = group;
  status.st_atim = status.st_mtim = status.st_ctim = modified;
  return 0;
}

void SimulatedInode::AddEntry(const std::string& name, const InodePtr& inode, std::mt19937_64& random) {
  off_t cookie;
  do cookie = static_cast<off_t>(random() >> (64 - kCookieBits)) + 1;
  while (!order.emplace(cookie, name).second);
  entries[name] = {inode, cookie};
  ++inode->links;
}

void SimulatedInode::RemoveEntry(const std::string& name) {
  const auto found = entries.find(name);
  if (found == entries.end()) return;
  auto& inode = *found->second.inode;
  if (--inode.links == 0) inode.memory.Close();
  order.erase(found->second.cookie);
  entries.erase(found);
}

std::size_t SimulatedInode::List(off_t& position, std::span<char> room) const {
  constexpr std::size_t kAlign = alignof(dirent64);
  std::size_t size = 0;
  for (auto next = order.upper_bound(position); next != order.end(); ++next) {
    const auto& [cookie, name] = *next;
    const auto length = (offsetof(dirent64, d_name) + name.size() + kAlign) / kAlign * kAlign;
    if (room.size() - size < length) break;
    auto* const record = reinterpret_cast<dirent64*>(room.data() + size);
    record->d_ino = 1;
    record->d_off = cookie;
    record->d_reclen = static_cast<unsigned short>(length);
    record->d_type = DT_UNKNOWN;
    std::memcpy(record->d_name, name.c_str(), name.size() + 1);
    size += length;
    position = cookie;
  }
  return size;
}

void SimulatedInode::Tell(std::string_view name, std::uint32_t event) {
  for (auto& watch : watches) watch.Tell(name, event);
  watches.remove_if([](const auto& watch) { return watch.IsOver(); });
}
