// SPDX-License-Identifier: BSD-2-Clause
#include "mailboxes.hxx"

#include "base/fd.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

namespace bench {

namespace {

std::string ReadFrom(FdRef file, off_t offset) {
  std::string text;
  std::array<char, 64 * 1024> block;
  for (ssize_t n; (n = ::pread(file.Get(), block.data(), block.size(), offset)) > 0; offset += n)
    text.append(block.data(), static_cast<std::size_t>(n));
  return text;
}

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace

Mailboxes::Mailboxes(std::string folder, const std::string& last_line)
    : folder_(std::move(folder)), line_("\n" + last_line + "\n"), watch_(folder_) {
  (void)CountNewInAll();
}

void Mailboxes::Await(std::size_t count, Clock::time_point deadline) {
  std::size_t found = CountNewInAll();
  while (found < count) {
    const auto changes = watch_.Await(deadline);
    for (const auto& name : changes.names) found += CountNewIn(name);
    if (changes.lost) found += CountNewInAll();
  }
}

std::size_t Mailboxes::CountNewInAll() {
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder_))
    count += CountNewIn(file.path().filename());
  return count;
}

std::size_t Mailboxes::CountNewIn(const std::string& name) {
  const UniqueFd file(::open((folder_ + "/" + name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return 0;  // a lock or a temporary file, gone by now
  auto& counted = counted_[name];
  const auto text = ReadFrom(file, counted);
  const auto end = text.rfind('\n');
  if (end == text.npos) return 0;
  // From the last line end on it is read again, since the line that is looked for begins with one.
  counted += static_cast<off_t>(end);
  return Count(text, line_);
}

}  // namespace bench
