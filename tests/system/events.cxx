// SPDX-License-Identifier: BSD-2-Clause
#include "events.hxx"

#include "base/error.hxx"
#include "paths.h"

#include <poll.h>
#include <sys/inotify.h>

#include <array>
#include <cerrno>

namespace machine {

namespace {

constexpr std::uint32_t kChanges = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVE | IN_DELETE | IN_ATTRIB;

}  // namespace

Journal::Journal() {
  sd_journal* journal = nullptr;
  const int error = ::sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
  if (error < 0) throw MakeErrno(-error, "Failed to open the journal");
  journal_.reset(journal);
  ::sd_journal_seek_tail(journal);
  ::sd_journal_previous(journal);  // the next record is then the first new one
}

std::string Journal::Field(const char* name) const {
  const void* data = nullptr;
  std::size_t size = 0;
  if (::sd_journal_get_data(journal_.get(), name, &data, &size) < 0) return {};
  const std::string text(static_cast<const char*>(data), size);
  return text.substr(text.find('=') + 1);
}

bool Journal::Next(std::string& text) {
  while (::sd_journal_next(journal_.get()) > 0) {
    if (!Field("_SYSTEMD_UNIT").starts_with("mailqueue") && !Field("UNIT").starts_with("mailqueue")) continue;
    text = Field("MESSAGE");
    return true;
  }
  return false;
}

bool Journal::WaitFor(const std::string& text, std::chrono::milliseconds limit) {
  const Deadline deadline(limit);
  for (;;) {
    for (std::string record; Next(record);)
      if (record.find(text) != record.npos) return true;
    if (deadline.HasPassed()) return false;
    ::sd_journal_wait(journal_.get(), static_cast<std::uint64_t>(deadline.Milliseconds()) * 1000);
  }
}

std::vector<std::string> Journal::Rest() {
  std::vector<std::string> texts;
  ::sd_journal_process(journal_.get());
  for (std::string record; Next(record);) texts.push_back(record);
  return texts;
}

Watch::Watch(const std::vector<std::string>& directories) : Watch(directories, kChanges) {}

Watch::Watch(const std::vector<std::string>& directories, std::uint32_t events)
    : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!fd_) ThrowErrno("Failed to make an inotify instance");
  for (const auto& directory : directories)
    if (::inotify_add_watch(fd_.Get(), directory.c_str(), events) < 0)
      ThrowErrno("Failed to watch", directory);
}

bool Watch::Wait(const Deadline& deadline) {
  pollfd readable{fd_.Get(), POLLIN, 0};
  int n;
  do n = ::poll(&readable, 1, deadline.Milliseconds());
  while (n < 0 && errno == EINTR);
  if (n <= 0) return false;
  alignas(inotify_event) std::array<char, 65536> events;
  while (::read(fd_.Get(), events.data(), events.size()) > 0) continue;
  return true;
}

bool WaitUntil(const std::function<bool()>& done, std::chrono::milliseconds limit,
               std::vector<std::string> directories) {
  const std::string spool = MAILQUEUE_SPOOLDIR;
  directories.insert(directories.end(), {spool + "/drop", spool + "/queue", spool + "/corrupt", "/var/mail"});
  Watch watch(directories);
  const Deadline deadline(limit);
  while (!done())
    if (!watch.Wait(deadline)) return done();
  return true;
}

}  // namespace machine
