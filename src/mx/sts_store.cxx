// SPDX-License-Identifier: BSD-2-Clause
#include "mx/sts_store.hxx"

#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/text.hxx"

#include <fcntl.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace fs = std::filesystem;

namespace mx {

namespace {

constexpr std::size_t kMaxFile = StsPolicy::kMaxText + 1024;  // octets
constexpr std::string_view kId = "id: ";
constexpr std::string_view kFetched = "fetched: ";

std::string ToText(const StsEntry& entry) {
  return std::string(kId) + entry.id + "\n" + std::string(kFetched) + std::to_string(entry.fetched) + "\n\n" +
         entry.text;
}

// The line after @p key, which @p text must begin with; it is taken away.
std::optional<std::string> TakeLine(std::string_view& text, std::string_view key) {
  const auto end = text.find('\n');
  if (!text.starts_with(key) || end == text.npos) return std::nullopt;
  std::string value(text.substr(key.size(), end - key.size()));
  text.remove_prefix(end + 1);
  return value;
}

std::optional<StsEntry> ParseEntry(std::string_view text) {
  auto id = TakeLine(text, kId);
  const auto fetched = ParseNumber<std::time_t>(TakeLine(text, kFetched).value_or(std::string()));
  if (!id || !fetched || !TakeLine(text, "")) return std::nullopt;
  return StsEntry{std::move(*id), *fetched, std::string(text)};
}

}  // namespace

std::optional<StsPolicy> StsEntry::PolicyAt(std::time_t now) const {
  std::string ignored;
  auto policy = StsPolicy::Parse(text, ignored);
  if (!policy || now < fetched || now - fetched >= policy->max_age.count()) return std::nullopt;
  return policy;
}

std::optional<StsEntry> StsStore::Find(const std::string& domain) {
  const auto known = entries_.find(domain);
  if (known != entries_.end()) return known->second;
  auto entry = Load(domain);
  if (entry) Remember(domain, *entry);
  return entry;
}

std::optional<StsEntry> StsStore::Load(const std::string& domain) const {
  if (directory_.empty()) return std::nullopt;
  try {
    const auto directory = OpenDirectory(directory_);
    const auto file = TryOpenBeneath({directory, domain}, O_RDONLY);
    if (!file) return std::nullopt;
    return ParseEntry(ReadAll(file, kMaxFile));
  } catch (const std::system_error&) {
    return std::nullopt;  // then it is fetched again
  }
}

void StsStore::Keep(const std::string& domain, StsEntry entry) {
  const auto text = ToText(entry);
  const bool is_new = !entries_.contains(domain) && !Load(domain);
  const bool has_room =
      directory_.empty() ? octets_ + entry.text.size() <= kMaxMemory : files_ < kMaxPolicies;
  if (is_new && !has_room) return;
  Remember(domain, std::move(entry));
  if (directory_.empty()) return;
  files_ += is_new ? 1 : 0;
  fs::create_directories(directory_);
  ReplaceFile({OpenDirectory(directory_), domain}, text, 0644);
}

// A policy that is dropped from memory is still in its file.
void StsStore::Remember(const std::string& domain, StsEntry entry) {
  if (const auto known = entries_.find(domain); known != entries_.end()) {
    octets_ -= known->second.text.size();
    entries_.erase(known);
  }
  if (octets_ + entry.text.size() > kMaxMemory) {
    entries_.clear();
    octets_ = 0;
  }
  octets_ += entry.text.size();
  entries_[domain] = std::move(entry);
}

void StsStore::RemoveExpired(std::time_t now) {
  if (directory_.empty()) return;
  std::error_code error;
  std::vector<fs::path> expired;
  files_ = 0;
  for (fs::directory_iterator at(directory_, error), end; !error && at != end; at.increment(error)) {
    const auto entry = Load(at->path().filename());
    if (!entry || !entry->PolicyAt(now)) expired.push_back(at->path());
    ++files_;
  }
  for (const auto& path : expired) fs::remove(path, error);
  files_ -= expired.size();
}

}  // namespace mx
