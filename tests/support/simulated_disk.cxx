// SPDX-License-Identifier: BSD-2-Clause
#include "support/simulated_disk.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "support/simulated_process.hxx"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace {

constexpr std::size_t kMaxCopy = 1024 * 1024;  // octets of one copy_file_range(2)
constexpr std::size_t kMinSweep = 256;         // inodes

int Fail(int error) noexcept {
  errno = error;
  return -1;
}

UniqueFd Refuse(int error) noexcept {
  errno = error;
  return {};
}

// Each file that has a name takes a descriptor.
void AllowManyDescriptors() noexcept {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string PathOf(FdRef file) {
  return "/proc/self/fd/" + std::to_string(file.Get());
}

FileAt Absolute(const std::string& path) {
  return {FdRef(AT_FDCWD), path};
}

}  // namespace

SimulatedDisk::SimulatedDisk(Rule rule, std::uint64_t seed) : rule_(rule), random_(seed) {
  AllowManyDescriptors();
  root_ = MakeInode(S_IFDIR | 0755, {0, 0}, nullptr);
}

void SimulatedDisk::MakeDirectory(const std::string& path, mode_t mode, const Creator& creator) {
  if (MkDirAt(Absolute(path), mode, creator) < 0) ThrowErrno("Failed to make", path);
  names_.Store([](const auto&) { return true; });
}

UniqueFd SimulatedDisk::OpenDirectory(const std::string& path) {
  UniqueFd directory = OpenAt(Absolute(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, {});
  if (!directory) ThrowErrno("Failed to open", path);
  return directory;
}

std::vector<std::string> SimulatedDisk::Names(const std::string& directory) const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Get(directory)->entries) names.push_back(name);
  return names;
}

bool SimulatedDisk::Has(const std::string& path) const {
  return Find(Absolute(path)) != nullptr;
}

std::string SimulatedDisk::Content(const std::string& path) const {
  const UniqueFd file = Get(path)->Open(O_RDONLY | O_CLOEXEC);
  return ReadAll(file, std::string().max_size());
}

InodePtr SimulatedDisk::MakeInode(mode_t mode, const Creator& creator, const InodePtr& directory) {
  Sweep();
  auto inode = std::make_shared<SimulatedInode>();
  inode->serial = ++made_;
  inode->mode = mode;
  inode->owner = creator.owner;
  inode->group = directory && (directory->mode & S_ISGID) ? directory->group : creator.group;
  inode->modified = now_;
  inode->SetMemory({});
  inodes_[inode->number] = inode;
  return inode;
}

// Forgets those that have no name and that nobody has open.
void SimulatedDisk::Sweep() {
  if (inodes_.size() < sweep_at_) return;
  std::set<ino_t> open;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    struct stat status;
    if (::stat(entry.path().c_str(), &status) == 0) open.insert(status.st_ino);
  }
  std::erase_if(inodes_, [&](const auto& known) {
    return known.second.use_count() == 1 && !open.contains(known.first);
  });
  sweep_at_ = std::max(kMinSweep, 2 * inodes_.size());
}

InodePtr SimulatedDisk::Find(FdRef file) const {
  struct stat status;
  if (::fstat(file.Get(), &status) < 0) return nullptr;
  const auto found = inodes_.find(status.st_ino);
  if (found != inodes_.end()) return found->second;
  errno = EBADF;
  return nullptr;
}

std::optional<SimulatedDisk::Place> SimulatedDisk::Resolve(const FileAt& file) const {
  const bool is_absolute = file.name.starts_with('/');
  Place place{is_absolute ? root_ : Find(file.directory), file.name.substr(is_absolute ? 1 : 0)};
  for (;;) {
    auto& [directory, name] = place;
    if (!directory) return std::nullopt;
    if (!directory->IsDirectory()) {
      errno = ENOTDIR;
      return std::nullopt;
    }
    const auto slash = name.find('/');
    if (slash == name.npos) return place;
    place = {Find(Place{directory, name.substr(0, slash)}), name.substr(slash + 1)};
  }
}

InodePtr SimulatedDisk::Find(const Place& place) const {
  const auto& [directory, name] = place;
  if (name.empty() || name == ".") return directory;
  const auto found = directory->entries.find(name);
  if (found != directory->entries.end()) return found->second.inode;
  errno = ENOENT;
  return nullptr;
}

InodePtr SimulatedDisk::Find(const FileAt& file) const {
  const auto place = Resolve(file);
  return place ? Find(*place) : nullptr;
}

InodePtr SimulatedDisk::Get(const std::string& path) const {
  auto inode = Find(Absolute(path));
  if (!inode) ThrowErrno("Failed to find", path);
  return inode;
}

UniqueFd SimulatedDisk::OpenAt(const FileAt& file, int flags, mode_t mode, const Creator& creator) {
  const auto place = Resolve(file);
  if (!place) return {};
  auto inode = Find(*place);
  if ((flags & O_TMPFILE) == O_TMPFILE) {
    if (!inode) return {};
    const auto unnamed = MakeInode(S_IFREG | mode, creator, inode);
    UniqueFd opened = unnamed->Open(flags);
    unnamed->memory.Close();
    return opened;
  }
  if (inode) {
    if ((flags & O_CREAT) && (flags & O_EXCL)) return Refuse(EEXIST);
    if ((flags & O_DIRECTORY) && !inode->IsDirectory()) return Refuse(ENOTDIR);
    if ((flags & O_ACCMODE) != O_RDONLY && inode->IsDirectory()) return Refuse(EISDIR);
    return inode->Open(flags);
  }
  if (!(flags & O_CREAT)) return {};
  inode = MakeInode(S_IFREG | mode, creator, place->first);
  Make({{*place, inode}});
  place->first->Tell(place->second, IN_CREATE);
  return inode->Open(flags);
}

ssize_t SimulatedDisk::Write(FdRef file, std::string_view data) {
  const off_t offset = ::lseek(file.Get(), 0, SEEK_CUR);
  const ssize_t size = PWrite(file, data, offset);
  if (size > 0) ::lseek(file.Get(), offset + size, SEEK_SET);
  return size;
}

ssize_t SimulatedDisk::PWrite(FdRef file, std::string_view data, off_t offset) {
  const auto inode = Find(file);
  if (!inode) return -1;
  const ssize_t size = ::pwrite(file.Get(), data.data(), data.size(), offset);
  if (size <= 0) return size;
  inode->content.Write(static_cast<std::size_t>(offset), data.substr(0, static_cast<std::size_t>(size)));
  inode->modified = now_;
  return size;
}

ssize_t SimulatedDisk::CopyFileRange(FdRef in, off_t& offset, FdRef out, std::size_t length) {
  std::string data(std::min(length, kMaxCopy), '\0');
  const ssize_t read = ::pread(in.Get(), data.data(), data.size(), offset);
  if (read <= 0) return read;
  data.resize(static_cast<std::size_t>(read));
  const ssize_t size = Write(out, data);
  if (size > 0) offset += size;
  return size;
}

int SimulatedDisk::FTruncate(FdRef file, off_t length) {
  const auto inode = Find(file);
  if (!inode || ::ftruncate(file.Get(), length) < 0) return -1;
  inode->content.Truncate(static_cast<std::size_t>(length));
  inode->modified = now_;
  return 0;
}

int SimulatedDisk::FChMod(FdRef file, mode_t mode) {
  const auto inode = Find(file);
  if (!inode) return -1;
  inode->mode = (inode->mode & S_IFMT) | mode;
  return 0;
}

int SimulatedDisk::FStat(FdRef file, struct stat& status) const {
  const auto inode = Find(file);
  return inode ? inode->Stat(file, status) : -1;
}

int SimulatedDisk::FStatAt(const FileAt& file, struct stat& status) const {
  const auto inode = Find(file);
  return inode ? inode->Stat(inode->memory, status) : -1;
}

int SimulatedDisk::FStatVfs(FdRef file, struct statvfs& status) const {
  if (!Find(file)) return -1;
  status = {};
  status.f_bsize = status.f_frsize = 1;
  status.f_blocks = room_.octets;
  status.f_bavail = status.f_bfree = room_.free_octets;
  status.f_files = room_.inodes;
  status.f_favail = status.f_ffree = room_.free_inodes;
  return 0;
}

int SimulatedDisk::Sync(FdRef file, bool with_names) {
  const auto inode = Find(file);
  if (!inode) return -1;
  inode->content.Store();
  if (!with_names) return 0;
  names_.Store([&](const StoredNames::Edit& edit) {
    if (rule_ == Rule::Journal || edit.place.first == inode) return true;
    return rule_ == Rule::OwnNames && edit.inode == inode;
  });
  return 0;
}

// The kernel tells once that it could not write, and takes all that is in memory for written from then on.
void SimulatedDisk::FailSync(FdRef file) {
  if (const auto inode = Find(file)) inode->content.Set(inode->content.Draw(random_, rule_ == Rule::Posix));
}

int SimulatedDisk::RenameAt(const FileAt& from, const FileAt& to, unsigned flags) {
  const auto old_place = Resolve(from);
  const auto new_place = old_place ? Resolve(to) : std::nullopt;
  const auto inode = new_place ? Find(*old_place) : nullptr;
  if (!inode) return -1;
  const auto replaced = Find(*new_place);
  if (replaced && (flags & RENAME_NOREPLACE)) return Fail(EEXIST);
  if (replaced && replaced->IsDirectory()) return Fail(inode->IsDirectory() ? ENOTEMPTY : EISDIR);
  if (replaced == inode) return 0;
  Make({{*new_place, inode}, {*old_place, nullptr}});  // so that it has a name all the time
  new_place->first->Tell(new_place->second, IN_MOVED_TO);
  return 0;
}

int SimulatedDisk::UnlinkAt(const FileAt& file, int flags) {
  const auto place = Resolve(file);
  const auto inode = place ? Find(*place) : nullptr;
  if (!inode) return -1;
  const bool removes_directory = flags & AT_REMOVEDIR;
  if (inode->IsDirectory() != removes_directory) return Fail(removes_directory ? ENOTDIR : EISDIR);
  if (!inode->entries.empty()) return Fail(ENOTEMPTY);
  Make({{*place, nullptr}});
  return 0;
}

int SimulatedDisk::LinkAt(FdRef file, const FileAt& to) {
  const auto inode = Find(file);
  const auto place = inode ? Resolve(to) : std::nullopt;
  if (!place) return -1;
  if (Find(*place)) return Fail(EEXIST);
  if (!inode->memory) inode->memory = UniqueFd(::open(PathOf(file).c_str(), O_RDWR | O_CLOEXEC));
  Make({{*place, inode}});
  place->first->Tell(place->second, IN_CREATE);
  return 0;
}

int SimulatedDisk::MkDirAt(const FileAt& directory, mode_t mode, const Creator& creator) {
  const auto place = Resolve(directory);
  if (!place) return -1;
  if (Find(*place)) return Fail(EEXIST);
  Make({{*place, MakeInode(S_IFDIR | mode, creator, place->first)}});
  place->first->Tell(place->second, IN_CREATE | IN_ISDIR);
  return 0;
}

ssize_t SimulatedDisk::GetDents(FdRef directory, std::span<char> room) const {
  const auto inode = Find(directory);
  if (!inode) return -1;
  if (!inode->IsDirectory()) return Fail(ENOTDIR);
  off_t position = ::lseek(directory.Get(), 0, SEEK_CUR);
  const auto size = inode->List(position, room);
  ::lseek(directory.Get(), position, SEEK_SET);
  return static_cast<ssize_t>(size);
}

UniqueFd SimulatedDisk::Watch(FdRef directory) {
  const auto inode = Find(directory);
  if (!inode) return {};
  if (!inode->IsDirectory()) return Refuse(ENOTDIR);
  UniqueFd reader;
  inode->watches.emplace_back(reader);
  watched_.insert(inode);
  return reader;
}

void SimulatedDisk::ContinueWatches() {
  for (const auto& directory : watched_)
    for (auto& watch : directory->watches) watch.Continue();
}

void SimulatedDisk::Make(StoredNames::Change change) {
  for (const auto& [place, inode] : change) {
    place.first->RemoveEntry(place.second);
    if (inode) place.first->AddEntry(place.second, inode, random_);
  }
  names_.Add(std::move(change));
}

void SimulatedDisk::WriteBack() {
  names_.Store([](const auto&) { return true; });
  for (const auto& [number, inode] : inodes_) inode->content.Store();
}

void SimulatedDisk::CutPower() {
  for (auto* const process : processes_) process->Stop();
  names_.Cut(random_, rule_ == Rule::Journal);
  Restore();
}

// Makes what processes see of what is stored.
void SimulatedDisk::Restore() {
  std::set<InodePtr, InodeOrder> inodes = {root_};
  for (const auto& [place, inode] : names_.Stored()) inodes.insert(inode);
  inodes_.clear();
  watched_.clear();
  for (const auto& inode : inodes) {
    auto content = inode->content.Draw(random_, rule_ == Rule::Posix);
    inode->SetMemory(content);
    inode->content.Set(std::move(content));
    inode->links = 0;
    inode->entries.clear();
    inode->order.clear();
    inode->watches.clear();
    inodes_[inode->number] = inode;
  }
  for (const auto& [place, inode] : names_.Stored()) place.first->AddEntry(place.second, inode, random_);
}

std::string SimulatedDisk::Describe(FdRef file) const {
  const auto inode = Find(file);
  if (!inode) return "another file";
  for (const auto& [number, directory] : inodes_)
    for (const auto& [name, entry] : directory->entries)
      if (entry.inode == inode) return name;
  return inode == root_ ? "/" : "a file without a name";
}

std::string SimulatedDisk::Describe(const FileAt& file) const {
  return file.name.starts_with('/') ? file.name : Describe(file.directory) + "/" + file.name;
}

std::string SimulatedDisk::Describe(const std::pair<FileAt, FileAt>& files) const {
  return Describe(files.first) + " " + Describe(files.second);
}
