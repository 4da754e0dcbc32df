// SPDX-License-Identifier: BSD-2-Clause
#include "local/forward_reader.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/path_walk.hxx"
#include "base/text.hxx"
#include "local/forward_file.hxx"
#include "local/shell.hxx"
#include "route/place.hxx"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <variant>

namespace local {

namespace {

using Kind = mail::Destination::Kind;

bool IsAbsent(const PathFault& fault) noexcept {
  return fault.code == ENOENT || fault.code == ENOTDIR;
}

// Paths are told apart by how they are written: "~/lists/a" and "/home/alice/lists/a" are one way.
PathWalk::Opened OpenIncluded(const std::string& path, const User& user) {
  if (path.starts_with("~/")) return PathWalk(user, PathWalk::Bounds::Home).OpenFile(path.substr(2));
  if (!path.starts_with('/'))
    return PathFault{.code = 0, .text = Quote(path) + " is no path that begins with / or ~/"};
  const auto below = BelowHome(path, user);
  if (!below.empty()) return PathWalk(user, PathWalk::Bounds::Home).OpenFile(std::string(below));
  return PathWalk(user, PathWalk::Bounds::Everywhere).OpenFile(path);
}

struct stat StatusOf(FdRef file, const std::string& path) {
  struct stat status;
  if (::fstat(file.Get(), &status) < 0) ThrowErrno("Failed to look at", path);
  return status;
}

std::pair<dev_t, ino_t> IdOf(const struct stat& status) noexcept {
  return {status.st_dev, status.st_ino};
}

// Whether the user's own program would run or write it. Mail to /dev/null is thrown away without either.
bool IsRunOrWritten(const mail::Destination& entry) noexcept {
  return entry.kind == Kind::Command || (entry.kind == Kind::File && entry.text != route::kNowhere);
}

std::string WithoutTilde(const std::string& path, const User& user) {
  return path.starts_with("~/") ? std::string(HomeOf(user)) + path.substr(1) : path;
}

}  // namespace

mail::DeliveryResult ForwardDeferred(const std::string& path, const std::string& what) {
  return mail::Deferred("4.2.0", "Forward file " + Quote(path) + " " + what);
}

bool MayPass(const PathFault& fault) noexcept {
  return fault.code != 0 && fault.code != EACCES && fault.code != EPERM && fault.code != ELOOP;
}

std::optional<ForwardReader::Refusal> ForwardReader::Read(FdRef file) {
  if (auto refusal = ReadAt(file, {forward_.path, 0})) return refusal;
  if (faults_ > kMaxForwardFaults)
    forward_.faults.push_back(forward_.path + ": " + std::to_string(faults_ - kMaxForwardFaults) +
                              " further mistakes");
  return std::nullopt;
}

std::optional<ForwardReader::Refusal> ForwardReader::ReadAt(FdRef file, const Place& place) {
  const auto status = StatusOf(file, place.path);
  if (auto distrust = FindDistrust(status, user_)) return Refusal{"is not used: it " + *distrust};
  const Refusal too_large{"is larger than " + std::to_string(kMaxForwardFile) + " octets: shorten it"};
  if (static_cast<std::uint64_t>(status.st_size) > kMaxForwardFile) return too_large;
  if (!read_.insert(IdOf(status)).second) return std::nullopt;  // what it says is in the list already
  forward_.is_private |= !IsReadableByAll(place.path);
  std::string text;
  try {
    text = ReadAll(file, kMaxForwardFile);
  } catch (const std::system_error& error) {
    return IsErrno(error, EFBIG) ? too_large : Refusal{error.what(), true};
  }
  auto list = mail::ParseDestinations(text);
  if (list.is_cut)
    AddFault(place, list.faults.empty() ? 0 : list.faults.back().line,
             "the list is cut off: it has more than " + std::to_string(mail::DestinationList::kMaxEntries) +
                 " destinations, or " + std::to_string(mail::DestinationList::kMaxFaults) + " mistakes");
  for (const auto& fault : list.faults) AddFault(place, fault.line, fault.text);
  way_.push_back(IdOf(status));
  for (auto& entry : list.entries) Take(std::move(entry), place);
  way_.pop_back();
  return std::nullopt;
}

void ForwardReader::Take(mail::Destination entry, const Place& place) {
  if (entry.kind == Kind::Include) return Include(entry, place);
  if (entry.kind == Kind::Command && !HasListedShell(user_))
    return AddFault(place, entry.line,
                    "no commands are run for " + user_.name + ", whose shell, " + Quote(ShellOf(user_)) +
                        ", is not in /etc/shells");
  if (user_.uid == 0 && IsRunOrWritten(entry))
    return AddFault(place, entry.line, "root's mail is given to no command, and put into no file");
  forward_.destinations.push_back(Placed(std::move(entry), place));
}

void ForwardReader::Include(const mail::Destination& entry, const Place& place) {
  const auto fault = [&](const std::string& text) { AddFault(place, entry.line, text); };
  if (place.depth == kMaxIncludeDepth) return fault("files include one another too deeply");
  if (read_.size() > kMaxIncludedFiles) return fault("too many files are included");
  const auto opened = OpenIncluded(entry.text, user_);
  const auto includes = Quote(place.path) + " includes " + Quote(entry.text);
  if (const auto* failed = std::get_if<PathFault>(&opened)) {
    if (IsAbsent(*failed)) return fault("there is no file " + Quote(entry.text));
    if (MayPass(*failed)) return Postpone(place, entry.line, includes + ": " + failed->text);
    return fault(Quote(entry.text) + " can't be used: " + failed->text);
  }
  const auto& file = std::get<UniqueFd>(opened);
  const bool is_circle = std::ranges::count(way_, IdOf(StatusOf(file, entry.text))) > 0;
  if (is_circle) return fault("leads in a circle to " + Quote(entry.text));
  const auto refusal = ReadAt(file, {WithoutTilde(entry.text, user_), place.depth + 1});
  if (refusal && refusal->may_pass) return Postpone(place, entry.line, includes + ", which " + refusal->text);
  if (refusal) fault(Quote(entry.text) + " " + refusal->text);
}

// What would be there waits until the file has been mended; the other destinations get their copies.
void ForwardReader::Postpone(const Place& place, unsigned line, const std::string& why) {
  forward_.destinations.push_back(Placed({Kind::Fault, "4.2.0 Forward file " + why, line}, place));
}

mail::Destination ForwardReader::Placed(mail::Destination entry, const Place& place) const {
  if (place.depth > 0) entry.file = place.path;
  return entry;
}

// The mailbox gets a copy in place of a destination that is not understood.
void ForwardReader::AddFault(const Place& place, unsigned line, const std::string& text) {
  if (++faults_ <= kMaxForwardFaults)
    forward_.faults.push_back(place.path + ":" + std::to_string(line) + ": " + text);
  const auto is_mailbox = [](const auto& entry) { return entry.kind == Kind::User && entry.text.empty(); };
  if (std::ranges::none_of(forward_.destinations, is_mailbox))
    forward_.destinations.push_back(Placed({Kind::User, {}, line}, place));
}

}  // namespace local
