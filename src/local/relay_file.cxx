// SPDX-License-Identifier: BSD-2-Clause
#include "local/relay_file.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/path_walk.hxx"
#include "base/text.hxx"
#include "base/wipe.hxx"
#include "config/relay_url.hxx"
#include "config/user_relays.hxx"
#include "courier/credentials.hxx"
#include "local/home.hxx"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <set>
#include <utility>

namespace local {

namespace {

constexpr char kRelayFile[] = ".config/mailqueue/relay.conf";
constexpr char kCredentials[] = ".config/mailqueue/credentials/";

struct NoFile {};

/// A file of the user's own, as it has been read. Its memory is wiped when it goes or is moved elsewhere: it
/// may be a credential.
struct OwnFile {
  std::string text{};
  struct stat status {};

  OwnFile() = default;
  ~OwnFile() { Wipe(text); }
  OwnFile(OwnFile&& other) noexcept : text(std::move(other.text)), status(other.status) { Wipe(other.text); }
  OwnFile(const OwnFile&) = delete;
  OwnFile& operator=(const OwnFile&) = delete;
  OwnFile& operator=(OwnFile&&) = delete;
};

using OwnFileRead = std::variant<NoFile, OwnFile, std::string>;  // the last one: why it is not used

/// The files below a home that nobody but the user and root may have written.
class OwnFiles {
 public:
  OwnFiles(const User& user, const struct stat& home)
      : user_(user), home_(home), walk_(user, PathWalk::Bounds::Home) {}

  /// @param limit octets
  /// @param forbidden bits of the mode that others must not have
  [[nodiscard]] OwnFileRead Read(const std::string& name, std::size_t limit, mode_t forbidden);
  [[nodiscard]] std::string PathOf(const std::string& name) const {
    return std::string(HomeOf(user_)) + "/" + name;
  }

 private:
  const User& user_;
  const struct stat& home_;
  PathWalk walk_;
};

OwnFileRead OwnFiles::Read(const std::string& name, std::size_t limit, mode_t forbidden) {
  auto opened = walk_.OpenFile(name);
  if (const auto* const fault = std::get_if<PathFault>(&opened)) {
    const bool is_missing = fault->code == ENOENT || fault->code == ENOTDIR;
    if (is_missing && !fault->in_link) return NoFile{};
    // The link may lead to a disk that is not mounted now, so the mail waits.
    if (is_missing) return PathOf(name) + ": leads nowhere, mend or remove the symbolic link: " + fault->text;
    return PathOf(name) + " can't be used: " + fault->text;
  }
  // Others who may write to the home could have put the file there.
  if (const auto distrust = FindDistrust(home_, user_))
    return PathOf(name) + " is not used, because the home directory " + *distrust;
  const auto& fd = std::get<UniqueFd>(opened);
  OwnFile file;
  if (::fstat(fd.Get(), &file.status) < 0) ThrowErrno("Failed to look at", PathOf(name));
  if (const auto distrust = FindDistrust(file.status, user_)) return PathOf(name) + " " + *distrust;
  if (file.status.st_mode & forbidden)
    return PathOf(name) + " is open to others: shut it with chmod 600 " + PathOf(name);
  if (static_cast<std::uint64_t>(file.status.st_size) > limit)
    return PathOf(name) + " is larger than " + std::to_string(limit) + " octets: shorten it";
  auto text = ReadAll(fd, limit);
  file.text = std::move(text);
  Wipe(text);
  return file;
}

mail::DeliveryResult RelaysDeferred(const std::string& why) {
  return mail::Deferred("4.3.5", why);
}

// A person has to correct this, and no server counts a failed attempt.
mail::DeliveryResult LoginDeferred(const std::string& why) {
  return mail::Deferred(std::string(courier::kLoginRefused), why);
}

// Changes when the file does, or another label stands for it.
std::string StampOf(const std::string& label, const struct stat& status) {
  std::string text = label + " ";
  for (const long long number :
       {static_cast<long long>(status.st_dev), static_cast<long long>(status.st_ino),
        static_cast<long long>(status.st_ctim.tv_sec), static_cast<long long>(status.st_ctim.tv_nsec)})
    text += std::to_string(number) + " ";
  return text;
}

std::set<std::string> LabelsOf(const config::RelayList& relays) {
  std::set<std::string> labels;
  for (const auto& group : relays.groups)
    for (const auto& member : group)
      if (const auto url = config::RelayUrl::Parse(member.url); url && !url->label.empty())
        labels.insert(url->label);
  return labels;
}

/// Reads one credential. @return why there is none
std::optional<mail::DeliveryResult> Collect(OwnFiles& files, const std::string& label,
                                            courier::ChoiceWriter& writer, std::string& stamps) {
  const auto name = kCredentials + label;
  auto read = files.Read(name, courier::kMaxCredential, S_IRWXG | S_IRWXO);
  if (const auto* const why = std::get_if<std::string>(&read)) return LoginDeferred(*why);
  if (std::holds_alternative<NoFile>(read))
    return LoginDeferred("No credential for " + Quote(label) + ": write user:password to " +
                         files.PathOf(name) + ", with mode 0600");
  auto& file = std::get<OwnFile>(read);
  const auto end = file.text.find_last_not_of("\r\n");
  const bool is_taken = writer.Add(label, std::string_view(file.text).substr(0, end + 1));
  stamps += StampOf(label, file.status);
  if (is_taken) return std::nullopt;
  return LoginDeferred(files.PathOf(name) + " is not of the form user:password, on one line");
}

std::optional<mail::DeliveryResult> AddChoice(RelaysFound& found, const User& user,
                                              const config::RelayList& relays, OwnFiles& files) {
  const courier::Choice choice{user.name, courier::SecondsSinceBoot(), found.relays.relays,
                               found.relays.options};
  auto writer = std::make_unique<courier::ChoiceWriter>(choice);
  found.relays.credentials = found.relays.where + " ";
  for (const auto& label : LabelsOf(relays))
    if (auto why = Collect(files, label, *writer, found.relays.credentials)) return why;
  found.choice = std::move(writer);
  return std::nullopt;
}

RelayWord ChooseRelays(const User& user, const config::UserRelays& all, const std::string& sender,
                       OwnFiles& files) {
  const auto& section = all.Choose(sender);
  const bool is_common = section.name.empty();
  if (const auto* const fault = all.FindMisleading(section))
    return RelaysDeferred(fault->text + ": mail waits, see mailqueue-relay.conf(5)");
  const auto& hosts = section.hosts.IsEmpty() && !section.bad_hosts ? all.common : section;
  if (hosts.bad_hosts)
    return RelaysDeferred(hosts.places.find("Host")->second +
                          ": Host= is not understood: mail waits, see mailqueue-relay.conf(5)");
  RelaysFound found;
  for (const auto& fault : all.faults | std::views::take(config::UserRelays::kMaxFaults))
    found.relays.faults.push_back(fault.text);
  if (hosts.hosts.IsEmpty() && is_common) return found;
  if (hosts.hosts.IsEmpty())
    return RelaysDeferred(section.places.begin()->second + ": " + section.Title() +
                          " names no relay: set Host= there or in [Relay]");
  auto options = section.options;
  options.insert(all.common.options.begin(), all.common.options.end());
  found.relays.where = hosts.places.find("Host")->second;
  found.relays.relays = hosts.hosts.ToString();
  found.relays.options = config::ToText(options);
  if (auto why = AddChoice(found, user, hosts.hosts, files)) return std::move(*why);
  return found;
}

// It may have gone since somebody looked, and the choice with it.
RelayWord WithoutHome(const User& user) {
  if (auto absent = FindAbsence(user)) return std::move(*absent);
  struct stat home {};
  if (!HasUsableHome(user, home)) return RelaysFound{};
  return mail::Deferred("4.2.0", "the home directory " + Quote(HomeOf(user)) + " has come just now");
}

}  // namespace

RelayWord FindRelays(const User& user, const std::string& sender) {
  struct stat home {};
  if (!HasUsableHome(user, home)) return WithoutHome(user);
  OwnFiles files(user, home);
  const auto read = files.Read(kRelayFile, kMaxRelayFile, 0);
  if (std::holds_alternative<NoFile>(read)) return RelaysFound{};
  if (const auto* const why = std::get_if<std::string>(&read)) return RelaysDeferred(*why);
  const auto all = config::UserRelays::Parse(std::get<OwnFile>(read).text, files.PathOf(kRelayFile));
  return ChooseRelays(user, all, sender, files);
}

}  // namespace local
