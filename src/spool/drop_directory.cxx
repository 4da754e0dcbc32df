// SPDX-License-Identifier: BSD-2-Clause
#include "spool/drop_directory.hxx"

#include "base/disk_file.hxx"
#include "base/error.hxx"
#include "base/text.hxx"
#include "mail/address.hxx"
#include "mail/time.hxx"
#include "spool/drop_format.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <initializer_list>
#include <string_view>

namespace spool {

namespace {

constexpr int kMaxNameTries = 10;
constexpr std::uint64_t kMinHollow = std::uint64_t{256} * 1024;  // octets; below that, holes save nothing
constexpr std::uint64_t kBlock = 512;                            // octets of st_blocks
constexpr std::size_t kMaxParameter = 1000;  // octets of a DSN parameter; RFC 3461 allows 500

std::uint64_t SizeOf(Disk& disk, FdRef file) {
  return static_cast<std::uint64_t>(StatusOf(disk, file).st_size);
}

Refusal Torn() {
  return {true, "it is not complete"};
}

std::uint64_t OctetsOnDisk(const struct stat& status) noexcept {
  return static_cast<std::uint64_t>(status.st_blocks) * kBlock;
}

// No parameter has a control character, and each would take four octets of the stored envelope.
bool AreParameters(std::initializer_list<std::string_view> values) noexcept {
  return std::ranges::all_of(values,
                             [](auto value) { return value.size() <= kMaxParameter && !HasControl(value); });
}

// What is not an address is reported to the sender, by where it leads (route::Expander).
bool IsRecipient(std::string_view text) noexcept {
  return !text.empty() && text.size() <= mail::Address::kMaxLength && !HasControl(text);
}

// Only this part of the envelope is taken over from the sender; the runner decides the rest.
std::optional<mail::Envelope> BelievedPart(mail::Envelope&& claimed) {
  mail::Envelope envelope;
  envelope.id = claimed.id;
  envelope.sender = std::move(claimed.sender);
  envelope.body = std::move(claimed.body);
  envelope.ret = std::move(claimed.ret);
  envelope.envid = std::move(claimed.envid);
  envelope.tls = claimed.tls;
  if (!envelope.sender.empty() && !mail::Address::Parse(envelope.sender)) return std::nullopt;
  if (!AreParameters({envelope.body, envelope.ret, envelope.envid})) return std::nullopt;
  for (auto& recipient : claimed.recipients) {
    if (!IsRecipient(recipient.address)) return std::nullopt;
    if (!AreParameters({recipient.notify, recipient.original})) return std::nullopt;
    auto& taken = envelope.recipients.emplace_back();
    taken.address = std::move(recipient.address);
    taken.notify = std::move(recipient.notify);
    taken.original = std::move(recipient.original);
  }
  return envelope;
}

}  // namespace

std::variant<Drop, Refusal> ReadDrop(Disk& disk, UniqueFd file, uid_t submitter, mail::Time now) {
  const auto text = ReadAt(disk, file, 0, kDropHeadSize);
  // The size is asked for behind what was read: a drop that was cut meanwhile is torn, and a read that ended
  // too early says nothing.
  const auto size = SizeOf(disk, file);
  if (text.size() < kDropHeadSize && size >= kDropHeadSize) throw MakeErrno(EIO, "Failed to read a drop");
  const auto head = DropHead::Parse(text);
  if (!head) return Torn();
  if (head->envelope_size > mail::Envelope::kMaxSubmittedSize)
    return Refusal{false, "its envelope is too large"};
  if (head->message_size > size || head->FileSize() != size) return Torn();
  const auto envelope_text = ReadAt(disk, file, kDropHeadSize, head->envelope_size);
  if (envelope_text.size() < head->envelope_size) {
    if (SizeOf(disk, file) == size) throw MakeErrno(EIO, "Failed to read a drop");
    return Torn();
  }
  auto claimed = mail::Envelope::Parse(envelope_text);
  if (!claimed) return Refusal{false, "its envelope is malformed"};
  if (claimed->recipients.size() > mail::Envelope::kMaxRecipients)
    return Refusal{false, "it has too many recipients"};
  auto envelope = BelievedPart(std::move(*claimed));
  if (!envelope) return Refusal{false, "its envelope holds a malformed address or parameter"};
  envelope->submitter = submitter;
  envelope->created = now;
  envelope->message_size = head->message_size;
  return Drop{std::move(file), std::move(*envelope), kDropHeadSize + head->envelope_size};
}

DropDirectory::DropDirectory(UniqueFd spool, Disk& disk)
    : disk_(disk),
      spool_(std::move(spool)),
      drop_(::Open(disk, {spool_, "drop"}, O_RDONLY | O_DIRECTORY)),
      group_(StatusOf(disk, drop_).st_gid) {}

UniqueFd DropDirectory::Watch() const {
  UniqueFd watch = disk_.Watch(drop_);
  if (!watch) ThrowErrno("Failed to watch drop/");
  return watch;
}

// Not a name that hides a file from the path unit.
bool DropDirectory::Counts(std::string_view name) noexcept {
  return !name.starts_with('.') && !name.ends_with('~') && !name.ends_with(".bak") && name != "lost+found" &&
         name.find(".dpkg-") == name.npos;
}

std::optional<DropDirectory::Status> DropDirectory::Find(const std::string& name) const {
  const auto status = FindStatus(disk_, {drop_, name});
  if (!status) return std::nullopt;
  return Status{status->st_uid, static_cast<std::uint64_t>(status->st_size),
                mail::Time(std::chrono::seconds(status->st_mtim.tv_sec))};
}

// A drop is its owner's word only if nobody else can have made it one: a file of theirs that others may
// write, linked or moved here by those, would be a message that the owner never sent.
std::string DropDirectory::FaultOf(const struct stat& status) const {
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  if (status.st_gid != group_) return "it was not made in this directory";
  if (status.st_nlink != 1) return "it has other names as well";
  if (status.st_mode & (S_IWGRP | S_IWOTH)) return "others than its owner may write it";
  if (!(status.st_mode & S_IRGRP) && status.st_uid != ::geteuid()) return "its mode keeps it from being read";
  return {};
}

std::variant<Drop, Refusal> DropDirectory::Open(const std::string& name, mail::Time now) const {
  const auto id = mail::QueueId::Parse(name);
  if (!id) return Refusal{false, "its name is no queue ID"};
  const auto named = FindStatus(disk_, {drop_, name});
  if (!named) throw MakeErrno(ENOENT, "Failed to open", name);
  if (auto fault = FaultOf(*named); !fault.empty()) return Refusal{false, std::move(fault)};
  // O_NONBLOCK: a file under a lease of its owner must not make us wait, nor what has taken its place by now.
  UniqueFd file = ::Open(disk_, {drop_, name}, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const auto opened = StatusOf(disk_, file);
  if (auto fault = FaultOf(opened); !fault.empty()) return Refusal{false, std::move(fault)};
  auto result = ReadDrop(disk_, std::move(file), opened.st_uid, now);
  if (const auto* drop = std::get_if<Drop>(&result); drop && drop->envelope.id != *id)
    return Refusal{false, "its envelope has another queue ID"};
  return result;
}

bool DropDirectory::IsHollow(const Drop& drop) const {
  const auto status = StatusOf(disk_, drop.file);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size < kMinHollow || OctetsOnDisk(status) >= size / 2) return false;
  // A file system that compresses, or counts later, has few blocks, too, but tells where the data are.
  std::uint64_t data = 0;
  for (off_t at = 0; (at = disk_.LSeek(drop.file, at, SEEK_DATA)) >= 0;) {
    const off_t end = disk_.LSeek(drop.file, at, SEEK_HOLE);
    if (end < 0) break;
    data += static_cast<std::uint64_t>(end - at);
    if (data >= size / 2) return false;
    at = end;
  }
  if (errno != ENXIO) ThrowErrno("Failed to look for holes in a drop");
  return true;
}

std::string DropDirectory::ReadMessage(const Drop& drop, std::size_t size) const {
  return ReadAt(disk_, drop.file, drop.message_offset, size);
}

void DropDirectory::Remove(const std::string& name) const {
  RemoveFile(disk_, {drop_, name});
}

UniqueFd DropDirectory::TryOpenCorrupt() const {
  const FileAt corrupt{spool_, "corrupt"};
  UniqueFd directory = TryOpen(disk_, corrupt, O_RDONLY | O_DIRECTORY);
  if (!directory && errno == ENOENT && disk_.MkDirAt(corrupt, 0700) == 0)
    directory = TryOpen(disk_, corrupt, O_RDONLY | O_DIRECTORY);
  return directory;
}

// Never over another file. errno says why it can't be done.
bool DropDirectory::TryMove(const std::string& name, const FileAt& to) const {
  return disk_.RenameAt({drop_, name}, to, RENAME_NOREPLACE) == 0;
}

// What is kept there is in nobody's queue, so no other limit holds for it.
bool DropDirectory::MayKeep(FdRef corrupt, const std::string& name) const {
  const auto more = FindStatus(disk_, {drop_, name});
  if (!more) return true;
  std::size_t all = 0;
  std::size_t of_owner = 0;
  auto octets = OctetsOnDisk(*more);
  DirectoryReader names(disk_, corrupt);
  while (const auto kept = names.Next()) {
    const auto status = FindStatus(disk_, {corrupt, *kept});
    if (!status) continue;
    ++all;
    if (status->st_uid != more->st_uid) continue;
    ++of_owner;
    octets += OctetsOnDisk(*status);
  }
  const bool has_room = all < kMaxKept || more->st_uid == 0;
  return has_room && of_owner < kMaxKeptOfOwner && octets <= kMaxKeptOctets;
}

std::string DropDirectory::SetAside(const std::string& name, mail::Time now) const {
  if (disk_.UnlinkAt({drop_, name}, AT_REMOVEDIR) == 0) return "(removed, an empty directory)";
  const UniqueFd corrupt = TryOpenCorrupt();
  if (corrupt && !MayKeep(corrupt, name) && disk_.UnlinkAt({drop_, name}, 0) == 0)
    return "(removed, corrupt/ is full)";
  for (int tries = 0; tries < kMaxNameTries; ++tries) {
    const auto free_name = mail::QueueId::Make(now, names_made_++).ToString();
    if (corrupt && TryMove(name, {corrupt, free_name})) return "corrupt/" + free_name;
    if (corrupt && errno == EEXIST) continue;
    if (TryMove(name, {drop_, "." + free_name})) return "drop/." + free_name;
    if (errno == ENOENT) return "(gone)";
    if (errno != EEXIST) break;
  }
  if (disk_.UnlinkAt({drop_, name}, 0) == 0) return "(removed)";
  ThrowErrno("Failed to set aside", name);
}

}  // namespace spool
