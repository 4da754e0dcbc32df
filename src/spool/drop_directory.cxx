// SPDX-License-Identifier: BSD-2-Clause
#include "spool/drop_directory.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "mail/address.hxx"
#include "mail/time.hxx"
#include "spool/directory_listing.hxx"
#include "spool/drop_format.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <string_view>

namespace spool {

namespace {

constexpr int kMaxNameTries = 1000;
constexpr std::size_t kMaxParameter = 1000;  // octets of a DSN parameter; RFC 3461 allows 500

// What systemd.path(5) does not count as content.
bool IsHidden(std::string_view name) noexcept {
  return name.starts_with('.') || name.ends_with('~') || name.ends_with(".bak") || name == "lost+found" ||
         name.find(".dpkg-") != name.npos;
}

std::string ReadAt(FdRef file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(file.Get(), text.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to read a drop");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  text.resize(done);
  return text;
}

bool AreParameters(std::initializer_list<std::string_view> values) noexcept {
  return std::ranges::all_of(values, [](auto value) { return value.size() <= kMaxParameter; });
}

// Of all that a sender writes only this is taken over; the rest is the runner's to say.
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
    if (!mail::Address::Parse(recipient.address)) return std::nullopt;
    if (!AreParameters({recipient.notify, recipient.original})) return std::nullopt;
    auto& taken = envelope.recipients.emplace_back();
    taken.address = std::move(recipient.address);
    taken.notify = std::move(recipient.notify);
    taken.original = std::move(recipient.original);
  }
  return envelope;
}

}  // namespace

std::variant<Drop, Refusal> ReadDrop(UniqueFd file, uid_t submitter) {
  struct stat status;
  if (::fstat(file.Get(), &status) < 0) ThrowErrno("Failed to stat a drop");
  const auto head = DropHead::Parse(ReadAt(file, 0, kDropHeadSize));
  if (!head || head->FileSize() != static_cast<std::uint64_t>(status.st_size))
    return Refusal{true, "it is not complete"};
  auto claimed = mail::Envelope::Parse(ReadAt(file, kDropHeadSize, head->envelope_size));
  if (!claimed) return Refusal{false, "its envelope is malformed"};
  auto envelope = BelievedPart(std::move(*claimed));
  if (!envelope) return Refusal{false, "its envelope holds a malformed address or parameter"};
  envelope->submitter = submitter;
  envelope->created = mail::Now();
  envelope->message_size = head->message_size;
  return Drop{std::move(file), std::move(*envelope), kDropHeadSize + head->envelope_size};
}

DropDirectory::DropDirectory(UniqueFd drop, UniqueFd corrupt) noexcept
    : drop_(std::move(drop)), corrupt_(std::move(corrupt)) {}

std::vector<std::string> DropDirectory::List() const {
  auto names = ListDirectory(drop_);
  std::erase_if(names, IsHidden);
  return names;
}

std::variant<Drop, Refusal> DropDirectory::Open(const std::string& name) const {
  const auto id = mail::QueueId::Parse(name);
  if (!id) return Refusal{false, "its name is no queue ID"};
  // O_NONBLOCK: a FIFO, or a file under a lease of its owner, must not make us wait.
  UniqueFd file = TryOpenBeneath({drop_, name}, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return Refusal{false, MakeErrno(errno, "it can't be opened").what()};
  struct stat status;
  if (::fstat(file.Get(), &status) < 0) ThrowErrno("Failed to stat", name);
  if (!S_ISREG(status.st_mode)) return Refusal{false, "it is not a regular file"};
  auto result = ReadDrop(std::move(file), status.st_uid);
  if (const auto* drop = std::get_if<Drop>(&result); drop && drop->envelope.id != *id)
    return Refusal{false, "its envelope has another queue ID"};
  return result;
}

void DropDirectory::Remove(const std::string& name) const {
  RemoveFile({drop_, name});
}

std::string DropDirectory::SetAside(const std::string& name) const {
  if (::unlinkat(drop_.Get(), name.c_str(), AT_REMOVEDIR) == 0) return "(removed, an empty directory)";
  for (int i = 0; i < kMaxNameTries; ++i) {
    const std::string free_name = name.substr(0, 200) + "." + std::to_string(i);
    if (::renameat2(drop_.Get(), name.c_str(), corrupt_.Get(), free_name.c_str(), RENAME_NOREPLACE) == 0)
      return "corrupt/" + free_name;
    if (errno == EEXIST) continue;
    if (::renameat2(drop_.Get(), name.c_str(), drop_.Get(), ("." + free_name).c_str(), RENAME_NOREPLACE) == 0)
      return "drop/." + free_name;
    if (errno == ENOENT) return "(gone)";
    if (errno != EEXIST) break;
  }
  ThrowErrno("Failed to set aside", name);
}

}  // namespace spool
