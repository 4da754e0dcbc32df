// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/maildir.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "programs/deliver/failure.hxx"
#include "programs/deliver/maildir_directories.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <dirent.h>
#include <memory>
#include <variant>

namespace deliver {

namespace {

constexpr std::size_t kMaxHost = 64;  // octets of the name; a file's name has 255

// FNV-1a: the same on every machine and in every version.
std::uint64_t HashOf(std::string_view text) noexcept {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

std::string Hex(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

// A slash or a colon would mean something in a name.
std::string HostPart(std::string_view host) {
  std::string part;
  for (const char c : host.substr(0, kMaxHost)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    part += plain ? c : '_';
  }
  return part.empty() ? "localhost" : part;
}

// Readers put ":2,FLAGS" behind a name, and move the file from new to cur.
bool HasCopy(FdRef directory, const std::string& name) {
  UniqueFd own = TryOpenUnseen({directory, "."}, O_RDONLY | O_DIRECTORY);
  const std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> listing(::fdopendir(own.Get()));
  if (!listing) ThrowErrno("Failed to list a Maildir");
  static_cast<void>(own.Release());  // it is the listing's
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(listing.get());
    if (!entry && errno) ThrowErrno("Failed to list a Maildir");
    if (!entry) return false;
    const std::string_view there = entry->d_name;
    if (there.starts_with(name) && (there.size() == name.size() || there[name.size()] == ':')) return true;
  }
}

void WriteToTmp(const FileAt& file, const local::Letter& letter, const std::string& head) {
  RemoveFile(file);  // what an attempt that was cut short has left
  const UniqueFd fd = OpenBeneath(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
  local::WriteCopy(fd, head, letter);
  Sync(fd);
}

// If the file system can't rename without replacing, link the second name and unlink the first.
int MoveByLink(const FileAt& from, FdRef to) noexcept {
  const char* const name = from.name.c_str();
  if (::linkat(from.directory.Get(), name, to.Get(), name, 0) < 0) return -1;
  return ::unlinkat(from.directory.Get(), name, 0);
}

/// @return false if there is such a file already
bool Move(const FileAt& from, FdRef to) {
  const char* const name = from.name.c_str();
  int result = ::renameat2(from.directory.Get(), name, to.Get(), name, RENAME_NOREPLACE);
  if (result < 0 && (errno == EINVAL || errno == ENOSYS)) result = MoveByLink(from, to);
  if (result < 0 && errno != EEXIST) ThrowErrno("Failed to move the message from tmp to new", from.name);
  return result == 0;
}

/// @return false if it was there
bool Add(const MaildirDirectories& maildir, const std::string& name, const local::Letter& letter,
         const User& user) {
  if (letter.again && (HasCopy(maildir.added, name) || HasCopy(maildir.cur, name))) return false;
  const FileAt file{maildir.tmp, name};
  try {
    WriteToTmp(file, letter, local::MakeHead(letter, user));
    if (Move(file, maildir.added)) return true;
    RemoveFile(file);
    return false;
  } catch (...) {
    ::unlinkat(file.directory.Get(), name.c_str(), 0);
    throw;
  }
}

// Empty if there is none.
UniqueFd FindDirectory(const FileAt& file) {
  UniqueFd directory = TryOpenBeneath(file, O_RDONLY | O_DIRECTORY);
  if (!directory && errno != ENOENT) ThrowErrno("Failed to open directory", file.name);
  return directory;
}

}  // namespace

std::string Maildir::NameFor(const local::Letter& letter, const User& user) {
  const auto seconds =
      mail::Clock::to_time_t(std::chrono::floor<std::chrono::seconds>(letter.envelope.created));
  return std::to_string(seconds) + "." + letter.envelope.id.ToString() + "_" +
         Hex(HashOf(local::MakeHead(letter, user))) + "." + HostPart(letter.host);
}

mail::DeliveryResult Maildir::Deliver(const local::Letter& letter) {
  const std::string name = path_.ToString() + "/";
  try {
    const auto place = path_.Find(user_, true);
    if (const auto* fault = std::get_if<PathFault>(&place)) return DeferredBy(*fault, name);
    const auto& [directory, top] = std::get<PathWalk::Named>(place);
    return DeliverInto({directory, top}, letter);
  } catch (const std::system_error& error) {
    return DeferredBy(error, name);
  }
}

mail::DeliveryResult Maildir::DeliverInto(const FileAt& top, const local::Letter& letter) {
  const std::string name = path_.ToString() + "/";
  const auto opened = MaildirDirectories::Open(top, user_);
  if (const auto* const fault = std::get_if<std::string>(&opened))
    return mail::Deferred("4.2.0", "Mailbox " + Quote(name) + " " + *fault);
  const auto& maildir = std::get<MaildirDirectories>(opened);
  const bool added = Add(maildir, NameFor(letter, user_), letter, user_);
  // Whoever made the directories, or the earlier copy, may have died before syncing them.
  if (maildir.made || letter.again || !added)
    maildir.Sync(top.directory);
  else
    Sync(maildir.added);
  return mail::Delivered("2.0.0", (added ? "Delivered to " : "Already in ") + Quote(name));
}

mail::DeliveryResult Maildir::Explain() {
  const std::string name = path_.ToString() + "/";
  const auto would = mail::Delivered("2.0.0", "would deliver to " + Quote(name));
  try {
    const auto place = path_.Find(user_);
    if (const auto* fault = std::get_if<PathFault>(&place))
      return fault->code == ENOENT && path_.in_home ? would : DeferredBy(*fault, name);
    const auto& [directory, top] = std::get<PathWalk::Named>(place);
    return ExplainIn({directory, top}).value_or(would);
  } catch (const std::system_error& error) {
    return IsErrno(error, ENOENT) && path_.in_home ? would : DeferredBy(error, name);
  }
}

// What is in the way; empty: nothing.
std::optional<mail::DeliveryResult> Maildir::ExplainIn(const FileAt& maildir) {
  const std::string name = path_.ToString() + "/";
  const UniqueFd top = FindDirectory(maildir);
  if (!top) {
    RefuseForbiddenName(maildir.directory, maildir.name, user_);
    return FindWriteFault({maildir.directory, "."}, name);
  }
  for (const char* part : {".", "tmp", "new", "cur"}) {
    const UniqueFd directory = FindDirectory({top, part});
    if (!directory) continue;  // it would be made
    if (const auto fault = FindDirectoryFault(directory, user_))
      return mail::Deferred("4.2.0", "Mailbox " + Quote(name) + " " + *fault);
    if (auto fault = FindWriteFault({directory, "."}, name)) return fault;
  }
  return std::nullopt;
}

}  // namespace deliver
