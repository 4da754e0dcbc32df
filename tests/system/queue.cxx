// SPDX-License-Identifier: BSD-2-Clause
#include "queue.hxx"

#include "base/text.hxx"
#include "mailbox.hxx"
#include "manager.hxx"
#include "paths.h"
#include "process.hxx"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace machine {

namespace fs = std::filesystem;

namespace {

const fs::path kSpool = MAILQUEUE_SPOOLDIR;

bool HoldsNothing(const fs::path& directory) {
  const auto hidden = [](const auto& entry) { return entry.path().filename().string().starts_with('.'); };
  return std::ranges::all_of(fs::directory_iterator(directory), hidden);
}

}  // namespace

std::vector<mail::Envelope> ReadQueue() {
  std::vector<mail::Envelope> envelopes;
  for (const auto& entry : fs::directory_iterator(kSpool / "queue")) {
    if (entry.path().extension() != ".envelope" || entry.path().filename().string().starts_with('.'))
      continue;
    if (auto envelope = mail::Envelope::Parse(TextOf(entry.path())))
      envelopes.push_back(std::move(*envelope));
  }
  return envelopes;
}

bool IsQueueEmpty() {
  return HoldsNothing(kSpool / "drop") && HoldsNothing(kSpool / "queue");
}

std::string DescribeQueue() {
  std::string text = "The queue:\n";
  for (const auto& envelope : ReadQueue()) text += envelope.ToText();
  text += "drop: " + Execute({.words = {"ls", "-la", kSpool / "drop"}}).out;
  const auto journal = Execute({.words = {"journalctl", "-q", "-n", "40", "--no-pager", "-u", "mailqueue*"}});
  return text + "The journal:\n" + journal.out;
}

std::string UnitProperty(const std::string& unit, const std::string& property) {
  return std::string(Trim(Check({"systemctl", "show", "--value", "--property=" + property, unit})));
}

Configuration::Configuration(const std::string& text) {
  fs::create_directories(fs::path(kPath).parent_path());
  std::ofstream(kPath) << text;
  Manager().TryReload("mailqueue.service");
}

Configuration::~Configuration() {
  fs::remove(kPath);
}

SetupFile::SetupFile(std::string path, const std::string& text, unsigned mode) : path_(std::move(path)) {
  fs::create_directories(fs::path(path_).parent_path());
  std::ofstream(path_, std::ios::binary) << text;
  if (::chmod(path_.c_str(), mode) < 0) throw std::runtime_error("Failed to set the mode of " + path_);
}

SetupFile::~SetupFile() {
  fs::remove(path_);
}

}  // namespace machine
