// SPDX-License-Identifier: BSD-2-Clause
#include "config/settings.hxx"

#include "base/text.hxx"
#include "config/defaults.hxx"
#include "config/domain_name.hxx"
#include "config/files.hxx"
#include "config/ini.hxx"
#include "config/keys.hxx"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace config {

namespace {

constexpr std::size_t kMaxWarnings = 50;  // a binary in place of the file would make a million

/// Collects what the files say into one Loaded.
class Loader {
 public:
  void ReadFile(const std::string& path);
  void MarkUnreadable(const std::string& file, const std::string& problem);
  [[nodiscard]] Loaded Finish();

 private:
  void OnItem(const std::string& path, const IniItem& item);
  void OnSection(const std::string& path, const IniItem& item);
  void OnRelaySection(const std::string& path, const IniItem& item, std::string_view name);
  void OnAssignment(const std::string& path, const IniItem& item);
  void CheckRetryTimes();
  [[nodiscard]] std::string ReadMailName();
  void Warn(std::string file, unsigned line, std::string text);

  Loaded loaded_;
  [[nodiscard]] Scope CurrentScope();
  void SettleRelays();
  void WarnOfRivals(const std::vector<std::string> RelaySection::*rules, std::string_view key);

  std::string section_;       // empty: one to be ignored
  std::size_t relay_ = 0;     // which of the named ones section_ is
  Warning last_queue_;        // where [Queue] was last assigned to
  std::size_t left_out_ = 0;  // warnings beyond kMaxWarnings
};

void Loader::Warn(std::string file, unsigned line, std::string text) {
  if (loaded_.warnings.size() < kMaxWarnings)
    loaded_.warnings.push_back({std::move(file), line, std::move(text)});
  else
    ++left_out_;
}

void Loader::MarkUnreadable(const std::string& file, const std::string& problem) {
  loaded_.settings.incomplete = true;
  Warn(file, 0, "Failed to read: " + problem);
}

void Loader::ReadFile(const std::string& path) {
  const FileText file = TryReadFile(path);
  if (!file.problem.empty()) return MarkUnreadable(path, file.problem);
  section_.clear();
  IniReader reader(file.text);
  while (const auto item = reader.Next()) OnItem(path, *item);
}

void Loader::OnItem(const std::string& path, const IniItem& item) {
  switch (item.kind) {
    case IniItem::Kind::Section:
      return OnSection(path, item);
    case IniItem::Kind::Assignment:
      return OnAssignment(path, item);
    case IniItem::Kind::Bad:
      return Warn(path, item.line, item.text + ", ignoring");
  }
}

// "X-" is for others' extensions, as in unit files.
void Loader::OnSection(const std::string& path, const IniItem& item) {
  section_ = IsSection(item.name) ? item.name : "";
  if (const auto name = RelayNameOf(section_); !name.empty()) return OnRelaySection(path, item, name);
  if (section_.empty() && !item.name.starts_with("X-"))
    Warn(path, item.line, ExplainUnknownSection(item.name));
}

void Loader::OnRelaySection(const std::string& path, const IniItem& item, std::string_view name) {
  auto& named = loaded_.settings.relay.named;
  relay_ = static_cast<std::size_t>(std::ranges::find(named, name, &RelaySection::name) - named.begin());
  if (relay_ < named.size()) return;
  if (named.size() == Settings::Relay::kMaxSections) {
    section_.clear();
    return Warn(path, item.line,
                "more than " + std::to_string(Settings::Relay::kMaxSections) +
                    " sections of relays, ignoring this one");
  }
  named.push_back({.name = std::string(name)});
}

Scope Loader::CurrentScope() {
  auto& relay = loaded_.settings.relay;
  return {loaded_.settings, RelayNameOf(section_).empty() ? relay.common : relay.named[relay_]};
}

void Loader::OnAssignment(const std::string& path, const IniItem& item) {
  if (section_.empty() || item.name.starts_with("X-")) return;
  const Key* const key = FindKey(section_, item.name);
  if (!key) return Warn(path, item.line, ExplainUnknownKey(section_, item.name));
  if (section_ == "Queue") last_queue_ = {path, item.line, {}};
  const Scope scope = CurrentScope();
  if (item.text.empty()) {
    scope.relay.places.erase(item.name);
    loaded_.settings.places.erase("[" + section_ + "] " + item.name + "=");
    return key->reset(scope);
  }
  const std::string bad = key->set(scope, item.text);
  const std::string place = path + ":" + std::to_string(item.line);
  if (section_.starts_with("Relay"))
    scope.relay.places[item.name] = place;
  else if (bad.empty())
    loaded_.settings.places["[" + section_ + "] " + item.name + "="] = place;
  if (!bad.empty())
    Warn(path, item.line, item.name + "=: ignoring " + bad + ", expected " + std::string(key->expected));
}

void Loader::CheckRetryTimes() {
  Settings::Queue& queue = loaded_.settings.queue;
  if (queue.retry_min <= queue.retry_max) return;
  queue.retry_max = queue.retry_min;
  Warn(last_queue_.file, last_queue_.line, "RetryMax= is shorter than RetryMin=, using RetryMin= for both");
}

// A section without any key is ignored.
void Loader::SettleRelays() {
  auto& named = loaded_.settings.relay.named;
  std::erase_if(named, [](const auto& section) { return section.places.empty(); });
  for (const auto& section : named)
    if (section.senders.empty() && section.recipients.empty())
      Warn(section.places.begin()->second, 0,
           section.Title() + " has neither Senders= nor Recipients=, no mail goes there");
  WarnOfRivals(&RelaySection::senders, "Senders");
  WarnOfRivals(&RelaySection::recipients, "Recipients");
}

void Loader::WarnOfRivals(const std::vector<std::string> RelaySection::*rules, std::string_view key) {
  std::map<std::string_view, const RelaySection*> owners;
  for (const auto& section : loaded_.settings.relay.named)
    for (const auto& rule : section.*rules)
      if (const auto [owner, is_new] = owners.try_emplace(rule, &section);
          !is_new && owner->second != &section)
        Warn(section.places.find(key)->second, 0,
             std::string(key) + "=: ignoring " + Quote(rule) + ", which stands in " + owner->second->Title() +
                 ", too");
}

std::string Loader::ReadMailName() {
  const FileText file = TryReadFile(kMailNameFile);
  const auto words = SplitList(file.text, " \t\r\n");
  if (words.empty() || IsDomainName(words[0])) return words.empty() ? "" : words[0];
  Warn(kMailNameFile, 1, "ignoring " + Quote(words[0]) + ", expected a domain name");
  return {};
}

Loaded Loader::Finish() {
  CheckRetryTimes();
  SettleRelays();
  const auto hostname = FindHostname();
  FillDefaults(loaded_.settings,
               {hostname, ReadMailName(), FindHostsNames(TryReadFile(kHostsFile).text, hostname)});
  if (left_out_ > 0)
    loaded_.warnings.push_back(
        {loaded_.warnings.back().file, 0, std::to_string(left_out_) + " further warnings left out"});
  return std::move(loaded_);
}

std::string FingerprintOf(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) < 0) return path + "\n-" + std::to_string(errno) + "\n";
  std::string text = path + "\n";
  for (const long long number :
       {static_cast<long long>(status.st_dev), static_cast<long long>(status.st_ino),
        static_cast<long long>(status.st_size), static_cast<long long>(status.st_mode),
        static_cast<long long>(status.st_mtim.tv_sec), static_cast<long long>(status.st_mtim.tv_nsec),
        static_cast<long long>(status.st_ctim.tv_sec), static_cast<long long>(status.st_ctim.tv_nsec)})
    text += std::to_string(number) + " ";
  return text + "\n";
}

}  // namespace

std::string RelaySection::Title() const {
  return name.empty() ? "[Relay]" : "[Relay." + name + "]";
}

const RelaySection* FindSection(std::span<const RelaySection> sections, const std::vector<std::string>& rules,
                                std::vector<std::string> RelaySection::*member) {
  for (const auto& rule : rules)
    for (const auto& section : sections)
      if (std::ranges::count(section.*member, rule) > 0) return &section;
  return nullptr;
}

const RelaySection* Settings::Relay::Find(std::string_view name) const {
  const auto found = std::ranges::find(named, name, &RelaySection::name);
  return found == named.end() ? nullptr : &*found;
}

std::string Settings::Relay::OptionsOf(const RelaySection& section) const {
  auto options = section.options;
  options.insert(common.options.begin(), common.options.end());
  return ToText(options);
}

const TableSpec* Settings::Relay::SourceTableOf(const RelaySection& section) const noexcept {
  if (section.source_table) return &*section.source_table;
  const bool has_list = section.options.contains(kSourceAddress);
  return has_list || !common.source_table ? nullptr : &*common.source_table;
}

const RelaySection& Settings::Relay::HostsOf(const RelaySection& section) const noexcept {
  return section.hosts.IsEmpty() && !section.bad_hosts && !section.no_hosts ? common : section;
}

std::string Settings::Local::MailboxOf(uid_t uid) const {
  return uid == 0 && mailbox.starts_with('|') ? Local().mailbox : mailbox;
}

std::string Settings::Decision(std::string_view key) const {
  const auto place = places.find(key);
  return place == places.end() ? std::string() : std::string(key) + ", " + place->second;
}

bool Settings::IsOwnDomain(std::string_view domain) const {
  return IsLocalDomain(domain) || EqualsIgnoreCase(domain, mail.domain);
}

bool Settings::IsLocalDomain(std::string_view domain) const {
  return domain.empty() || IsLoopback(domain) ||
         std::ranges::any_of(mail.local_domains,
                             [&](const std::string& name) { return EqualsIgnoreCase(name, domain); });
}

std::string Warning::ToString() const {
  return file + ":" + (line > 0 ? std::to_string(line) + ":" : "") + " " + text;
}

Loaded Load(const std::string& directory) {
  Loader loader;
  const FileList files = ListFiles(directory);
  if (!files.problem.empty()) loader.MarkUnreadable(DropInDirectory(directory), files.problem);
  for (const auto& path : files.paths) loader.ReadFile(path);
  return loader.Finish();
}

std::string Fingerprint(const std::string& directory) {
  const FileList files = ListFiles(directory);
  std::string text =
      FindHostname() + "\n" + files.problem + "\n" + FingerprintOf(kMailNameFile) + FingerprintOf(kHostsFile);
  for (const auto& path : files.paths) text += FingerprintOf(path);
  return text;
}

}  // namespace config
