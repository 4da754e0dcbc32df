// SPDX-License-Identifier: BSD-2-Clause
#include "courier/credentials.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "base/wipe.hxx"
#include "mail/record.hxx"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace courier {

namespace {

constexpr std::string_view kChoice = "mailqueue-choice";
constexpr std::string_view kChoiceVersion = "1";
constexpr std::string_view kEndOfChoice = "\nwith: credentials\n";
constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;

// Only memory of the kernel has seals: no FIFO, and no file of a file system that a user's program serves.
bool IsSealed(FdRef file) noexcept {
  const int seals = ::fcntl(file.Get(), F_GET_SEALS);
  return seals >= 0 && (seals & kSeals) == kSeals;
}

std::string ReadFrom(FdRef file, std::size_t size) {
  std::string text(size, '\0');
  std::size_t at = 0;
  while (at < size) {
    const ssize_t n = ::pread(file.Get(), text.data() + at, size - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to read a sealed file");
    if (n == 0) break;
    at += static_cast<std::size_t>(n);
  }
  text.resize(at);
  return text;
}

bool ReadChoiceField(Choice& choice, const mail::Field& field) {
  if (field.key == "made") {
    const auto made = ParseNumber<std::uint64_t>(field.value);
    choice.made = made.value_or(0);
    return made.has_value();
  }
  auto* const member = field.key == "owner"     ? &choice.owner
                       : field.key == "relays"  ? &choice.relays
                       : field.key == "options" ? &choice.options
                                                : nullptr;
  if (member) *member = field.value;
  return member;
}

}  // namespace

std::uint64_t SecondsSinceBoot() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec);
}

ChoiceWriter::ChoiceWriter(const Choice& choice) {
  mail::RecordWriter head;
  head.Add(kChoice, kChoiceVersion).Add("owner", choice.owner).Add("made", std::to_string(choice.made));
  head.Add("relays", choice.relays).Add("options", choice.options);
  text_.reserve(head.Text().size() + kEndOfChoice.size() + kMaxCredentials);
  text_.append(head.Text()).append(kEndOfChoice.substr(1));
}

ChoiceWriter::~ChoiceWriter() {
  Wipe(text_);
}

bool ChoiceWriter::Add(std::string_view label, std::string_view text) {
  const auto colon = text.find(':');
  const bool is_line = text.find_first_of(std::string_view("\0\r\n", 3)) == text.npos;
  if (colon == text.npos || colon == 0 || !is_line || text.size() > kMaxCredential) return false;
  const auto size = label.size() + text.size() + 2;
  if (credentials_ + size > kMaxCredentials) return false;
  credentials_ += size;
  text_.append(label).append(":").append(text).append("\n");
  return true;
}

std::optional<Choice> ParseChoice(std::string_view text) {
  const auto end = text.find(kEndOfChoice);
  if (end == text.npos) return std::nullopt;
  mail::RecordReader reader(text.substr(0, end + 1));
  const auto first = reader.Next();
  if (!first || first->key != kChoice || first->value != kChoiceVersion) return std::nullopt;
  Choice choice;
  while (const auto field = reader.Next())
    if (!ReadChoiceField(choice, *field)) return std::nullopt;
  if (reader.Bad() || choice.owner.empty()) return std::nullopt;
  return choice;
}

std::optional<std::string_view> FindCredential(std::string_view text, std::string_view label) {
  const auto end = text.find(kEndOfChoice);
  if (end == text.npos) return std::nullopt;
  auto rest = text.substr(end + kEndOfChoice.size());
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    if (line.starts_with(label) && line.substr(label.size()).starts_with(':'))
      return line.substr(label.size() + 1);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return std::nullopt;
}

UniqueFd MakeSealedFile(std::string_view content) {
  UniqueFd file(::memfd_create("mailqueue-choice", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) ThrowErrno("Failed to make a file in memory");
  WriteAll(file, content);
  if (::fcntl(file.Get(), F_ADD_SEALS, kSeals | F_SEAL_SEAL) < 0)
    ThrowErrno("Failed to seal a file in memory");
  return file;
}

std::optional<std::string> ReadSealedFile(FdRef file) {
  struct stat status;
  if (file.Get() < 0 || !IsSealed(file) || ::fstat(file.Get(), &status) < 0) return std::nullopt;
  if (static_cast<std::size_t>(status.st_size) > kMaxSealedFile) return std::nullopt;
  return ReadFrom(file, static_cast<std::size_t>(status.st_size));
}

}  // namespace courier
