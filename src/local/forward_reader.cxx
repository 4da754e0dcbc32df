// SPDX-License-Identifier: BSD-2-Clause
#include "local/forward_reader.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "local/forward_file.hxx"
#include "local/path_walk.hxx"

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

std::string WithoutTilde(const std::string& path, const User& user) {
  return path.starts_with("~/") ? std::string(HomeOf(user)) + path.substr(1) : path;
}

}  // namespace

mail::DeliveryResult ForwardDeferred(const std::string& path, const std::string& what) {
  return mail::Deferred("4.2.0", "Forward file " + Quote(path) + " " + what);
}

std::optional<mail::DeliveryResult> ForwardReader::Read(FdRef file) {
  if (auto why = ReadAt(file, {forward_.path, 0})) return why;
  if (faults_ > kMaxForwardFaults)
    forward_.faults.push_back(forward_.path + ": " + std::to_string(faults_ - kMaxForwardFaults) +
                              " further mistakes");
  return std::nullopt;
}

std::optional<mail::DeliveryResult> ForwardReader::ReadAt(FdRef file, const Place& place) {
  const auto status = StatusOf(file, place.path);
  if (const auto distrust = FindDistrust(status, user_)) return Defer(place, *distrust);
  const auto too_large = "is larger than " + std::to_string(kMaxForwardFile) + " octets: shorten it";
  if (static_cast<std::uint64_t>(status.st_size) > kMaxForwardFile) return Defer(place, too_large);
  if (!read_.insert(IdOf(status)).second) return std::nullopt;  // what it says is in the list already
  std::string text;
  try {
    text = ReadAll(file, kMaxForwardFile);
  } catch (const std::system_error& error) {
    return Defer(place, IsErrno(error, EFBIG) ? too_large : error.what());
  }
  auto list = mail::ParseDestinations(text);
  for (const auto& fault : list.faults) AddFault(place, fault.line, fault.text);
  way_.push_back(IdOf(status));
  for (auto& entry : list.entries)
    if (auto why = Take(std::move(entry), place)) return why;
  way_.pop_back();
  return std::nullopt;
}

mail::DeliveryResult ForwardReader::Defer(const Place& place, const std::string& what) const {
  if (place.depth == 0) return ForwardDeferred(forward_.path, what);
  return ForwardDeferred(forward_.path, "includes " + Quote(place.path) + ", which " + what);
}

std::optional<mail::DeliveryResult> ForwardReader::Take(mail::Destination entry, const Place& place) {
  if (entry.kind == Kind::Include) return Include(entry, place);
  if (entry.kind == Kind::Command && user_.uid == 0) {
    AddFault(place, entry.line, "root's mail is given to no command");
    return std::nullopt;
  }
  forward_.destinations.push_back(Placed(std::move(entry), place));
  return std::nullopt;
}

std::optional<mail::DeliveryResult> ForwardReader::Include(const mail::Destination& entry,
                                                           const Place& place) {
  const auto fault = [&](const std::string& text) {
    AddFault(place, entry.line, text);
    return std::nullopt;
  };
  if (place.depth == kMaxIncludeDepth) return fault("files include one another too deeply");
  if (read_.size() > kMaxIncludedFiles) return fault("too many files are included");
  auto opened = OpenIncluded(entry.text, user_);
  if (const auto* failed = std::get_if<PathFault>(&opened)) {
    if (IsAbsent(*failed)) return fault("there is no file " + Quote(entry.text));
    return ForwardDeferred(forward_.path, "includes " + Quote(entry.text) + ": " + failed->text);
  }
  const auto& file = std::get<UniqueFd>(opened);
  const bool is_circle = std::ranges::count(way_, IdOf(StatusOf(file, entry.text))) > 0;
  if (is_circle) return fault("leads in a circle to " + Quote(entry.text));
  return ReadAt(file, {WithoutTilde(entry.text, user_), place.depth + 1});
}

mail::Destination ForwardReader::Placed(mail::Destination entry, const Place& place) const {
  if (place.depth > 0) entry.file = place.path;
  return entry;
}

// The mailbox stands in for what is not understood.
void ForwardReader::AddFault(const Place& place, unsigned line, const std::string& text) {
  if (++faults_ <= kMaxForwardFaults)
    forward_.faults.push_back(place.path + ":" + std::to_string(line) + ": " + text);
  const auto is_mailbox = [](const auto& entry) { return entry.kind == Kind::User && entry.text.empty(); };
  if (std::ranges::none_of(forward_.destinations, is_mailbox))
    forward_.destinations.push_back(Placed({Kind::User, {}, line}, place));
}

}  // namespace local
