// SPDX-License-Identifier: BSD-2-Clause
#include "service/journal.hxx"

#include <systemd/sd-journal.h>

#include <sys/uio.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace service {

namespace {

void LogToStandardError(std::string_view text) {
  const std::string line = std::string(text) + "\n";
  [[maybe_unused]] const auto n = ::write(STDERR_FILENO, line.data(), line.size());  // nobody is left to tell
}

}  // namespace

void Log(int priority, std::string_view text, std::initializer_list<JournalField> fields) {
  Log(priority, text, std::span(fields.begin(), fields.size()));
}

void Log(int priority, std::string_view text, std::span<const JournalField> fields) {
  std::vector<std::string> entries;
  entries.reserve(fields.size() + 2);
  entries.push_back("MESSAGE=" + std::string(text));
  entries.push_back("PRIORITY=" + std::to_string(priority));
  for (const auto& [name, value] : fields) {
    if (!value.empty()) entries.push_back(std::string(name) + "=" + std::string(value));
  }
  std::vector<iovec> parts;
  parts.reserve(entries.size());
  for (auto& entry : entries) parts.push_back({entry.data(), entry.size()});
  // sd_journal_sendv(3) reports success where no journal listens, so ask first.
  static const bool has_journal = ::access("/run/systemd/journal/socket", W_OK) == 0;
  if (!has_journal || sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) < 0)
    LogToStandardError(text);
}

}  // namespace service
