// SPDX-License-Identifier: BSD-2-Clause
#include "base/name_services.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/file_identity.hxx"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <nss.h>

namespace name_services {

namespace {

constexpr char kPath[] = "/etc/nsswitch.conf";
constexpr std::size_t kMaxSize = 1024 * 1024;
constexpr std::string_view kStops = " [UNAVAIL=return TRYAGAIN=return]";
constexpr std::string_view kBlanks = " \t\r\f\v";
constexpr const char* kDatabases[] = {"passwd", "group"};
constexpr char kDefault[] = "files";  // glibc's own, where nothing is said

std::atomic<bool> stops = false;
std::mutex mutex;
FileIdentity followed;  // guarded by mutex, as is the next one
bool is_configured = false;

// A line that glibc does not understand changes nothing.
void Configure(std::string_view text) {
  for (const char* const database : kDatabases) {
    auto services = ServicesOf(text, database);
    if (services.empty() && is_configured) continue;
    if (services.empty()) services = kDefault;
    ::__nss_configure_lookup(database, WithStops(services).c_str());
  }
  is_configured = true;
}

std::string_view TakeLine(std::string_view& text) noexcept {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line.substr(0, line.find('#'));
}

void TrimBlanks(std::string_view& text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  while (!text.empty() && kBlanks.find(text.back()) != kBlanks.npos) text.remove_suffix(1);
}

}  // namespace

void StopAtOutages() noexcept {
  stops = true;
}

void Refresh() {
  if (!stops) return;
  const std::lock_guard lock(mutex);
  struct stat status {};
  if (::stat(kPath, &status) < 0) {
    if (errno != ENOENT) ThrowErrno("Failed to look at", kPath);
    if (!is_configured) Configure({});
    return;
  }
  if (is_configured && followed == FileIdentity(status)) return;
  const UniqueFd fd(::open(kPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd || ::fstat(fd.Get(), &status) < 0) ThrowErrno("Failed to open", kPath);
  Configure(ReadAll(fd, kMaxSize));
  followed = FileIdentity(status);
}

std::string ServicesOf(std::string_view text, std::string_view database) {
  std::string_view services;
  while (!text.empty()) {
    auto line = TakeLine(text);
    TrimBlanks(line);
    if (!line.starts_with(database)) continue;
    line.remove_prefix(database.size());
    const auto name_ends = line.find_first_not_of(kBlanks);
    if (name_ends == line.npos || (name_ends == 0 && line.front() != ':')) continue;
    line.remove_prefix(line.front() == ':' ? 1 : name_ends);
    TrimBlanks(line);
    if (!line.empty()) services = line;  // the last one counts
  }
  return std::string(services);
}

std::string WithStops(std::string_view services) {
  std::string result;
  while (!services.empty()) {
    const bool is_action = services.front() == '[';
    auto length = is_action ? services.find(']') : services.find_first_of(" \t\r\f\v[");
    length = length == services.npos ? services.size() : length + (is_action ? 1 : 0);
    result.append(result.empty() ? "" : " ").append(services.substr(0, length));
    services.remove_prefix(length);
    TrimBlanks(services);
    if (!is_action && !services.starts_with('[')) result += kStops;
  }
  return result;
}

}  // namespace name_services
