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
#include <dlfcn.h>
#include <mutex>
#include <nss.h>
#include <vector>

namespace name_services {

namespace {

constexpr char kPath[] = "/etc/nsswitch.conf";
constexpr std::size_t kMaxSize = 1024 * 1024;
constexpr std::string_view kStops = " [UNAVAIL=return TRYAGAIN=return]";
constexpr std::string_view kBlanks = " \t\r\f\v";
constexpr std::string_view kUsers = "passwd";
constexpr const char* kDatabases[] = {"passwd", "group"};
constexpr char kDefault[] = "files";  // glibc's own, where nothing is said

std::atomic<bool> stops = false;
std::mutex mutex;
FileIdentity followed;  // guarded by mutex, as is the next one
bool is_configured = false;
std::string missing;  // what MissingService says

void TrimBlanks(std::string_view& text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  while (!text.empty() && kBlanks.find(text.back()) != kBlanks.npos) text.remove_suffix(1);
}

bool IsAction(std::string_view word) noexcept {
  return word.starts_with('[');
}

// Services, and actions in brackets.
std::vector<std::string_view> WordsOf(std::string_view services) {
  std::vector<std::string_view> words;
  while (!services.empty()) {
    auto length = IsAction(services) ? services.find(']') : services.find_first_of(" \t\r\f\v[");
    length = length == services.npos ? services.size() : length + (IsAction(services) ? 1 : 0);
    words.push_back(services.substr(0, length));
    services.remove_prefix(length);
    TrimBlanks(services);
  }
  return words;
}

// As the C library does it, which has "files" itself.
bool IsInstalled(std::string_view service) {
  const auto library = "libnss_" + std::string(service) + ".so.2";
  return service == kDefault || ::dlopen(library.c_str(), RTLD_NOW);
}

// A line that glibc does not understand changes nothing.
void Configure(std::string_view text) {
  for (const char* const database : kDatabases) {
    auto services = ServicesOf(text, database);
    if (services.empty() && is_configured) continue;
    if (services.empty()) services = kDefault;
    ::__nss_configure_lookup(database, WithStops(services).c_str());
    if (std::string_view(database) == kUsers) missing = FindMissing(services);
  }
  is_configured = true;
}

std::string_view TakeLine(std::string_view& text) noexcept {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line.substr(0, line.find('#'));
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

std::string MissingService() {
  const std::lock_guard lock(mutex);
  return missing;
}

std::string FindMissing(std::string_view services) {
  for (const auto word : WordsOf(services))
    if (!IsAction(word) && !IsInstalled(word)) return std::string(word);
  return {};
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
  const auto words = WordsOf(services);
  for (std::size_t i = 0; i < words.size(); ++i) {
    result.append(result.empty() ? "" : " ").append(words[i]);
    if (!IsAction(words[i]) && (i + 1 == words.size() || !IsAction(words[i + 1]))) result += kStops;
  }
  return result;
}

}  // namespace name_services
