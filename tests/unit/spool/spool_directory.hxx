// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/file.hxx"
#include "mail/envelope.hxx"
#include "spool/drop_format.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

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
  void Write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  [[nodiscard]] std::size_t Count(const char* part) const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path_ / part)) ++count;
    return count;
  }

 private:
  std::filesystem::path path_;
};

inline mail::Envelope MakeTestEnvelope(long long number) {
  mail::Envelope envelope;
  envelope.id = mail::QueueId::Make(mail::FromMicroseconds(1700000000000000 + number), 5);
  envelope.sender = "alice@example.org";
  envelope.recipients.emplace_back().address = "bob";
  return envelope;
}

inline std::string MakeDropText(const mail::Envelope& envelope, const std::string& message) {
  const std::string text = envelope.ToText();
  return spool::DropHead{text.size(), message.size()}.ToText() + text + message;
}
