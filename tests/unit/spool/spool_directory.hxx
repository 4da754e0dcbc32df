// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/file.hxx"
#include "mail/envelope.hxx"
#include "spool/drop_format.hxx"
#include "spool/queue.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A spool of the test's own, removed at its end.
class SpoolDirectory {
 public:
  SpoolDirectory() {
    std::string name = "/tmp/mailqueue-spool-XXXXXX";
    path_ = ::mkdtemp(name.data());
    for (const char* part : {"drop", "queue", "corrupt"}) std::filesystem::create_directory(path_ / part);
  }
  ~SpoolDirectory() { std::filesystem::remove_all(path_); }

  [[nodiscard]] UniqueFd Open(const char* part) const { return OpenDirectory((path_ / part).string()); }
  [[nodiscard]] std::filesystem::path Path(const std::string& name) const { return path_ / name; }
  [[nodiscard]] bool Has(const std::string& name) const {
    return std::filesystem::symlink_status(path_ / name).type() != std::filesystem::file_type::not_found;
  }
  [[nodiscard]] std::string Read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(path_ / name).rdbuf();
    return text.str();
  }
  /// As sendmail makes it: what the umask of the test is does not matter.
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    ::chmod((path_ / name).c_str(), 0640);
  }
  [[nodiscard]] std::size_t Count(const char* part) const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path_ / part)) ++count;
    return count;
  }

 private:
  std::filesystem::path path_;
};

/// All that is in the queue.
struct QueueContents {
  std::vector<mail::Envelope> envelopes;  ///< oldest first
  std::map<mail::QueueId, spool::Unreadable> unreadable;
};
inline QueueContents LoadAll(const spool::Queue& queue) {
  QueueContents contents;
  spool::QueueScan scan(queue);
  for (auto id = scan.Next(); !scan.AtEnd(); id = scan.Next()) {
    if (!id) continue;
    auto reading = queue.Read(*id);
    if (auto* const envelope = std::get_if<mail::Envelope>(&reading))
      contents.envelopes.push_back(std::move(*envelope));
    if (const auto* const unreadable = std::get_if<spool::Unreadable>(&reading))
      contents.unreadable.emplace(*id, *unreadable);
  }
  std::ranges::sort(contents.envelopes, {}, &mail::Envelope::id);
  return contents;
}

constexpr mail::Time kTestTime = mail::FromMicroseconds(1700000000000000);

inline mail::Envelope MakeTestEnvelope(long long number) {
  mail::Envelope envelope;
  envelope.id = mail::QueueId::Make(kTestTime + std::chrono::microseconds(number), 5);
  envelope.sender = "alice@example.org";
  envelope.recipients.emplace_back().address = "bob";
  return envelope;
}

inline std::string MakeDropText(const mail::Envelope& envelope, const std::string& message) {
  const std::string text = envelope.ToText();
  return spool::DropHead{text.size(), message.size()}.ToText() + text + message;
}
