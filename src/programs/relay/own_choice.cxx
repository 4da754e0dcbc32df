// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/own_choice.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/wipe.hxx"
#include "config/relay_list.hxx"
#include "config/user_relays.hxx"
#include "crypto/x25519.hxx"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace relay {

namespace {

OwnChoiceWord CanNotUse(const std::string& owner, const std::string& why) {
  return mail::Deferred("4.3.5", "The relays of " + owner + " can't be used: " + why);
}

std::optional<crypto::Key> ReadKey(FdRef directory, const char* name) {
  const auto file = TryOpenBeneath({directory, name}, O_RDONLY);
  if (!file) return std::nullopt;
  crypto::Key key;
  auto text = ReadAll(file, 2 * key.size());
  const bool is_key = text.size() == key.size();
  if (is_key) std::copy(text.begin(), text.end(), key.begin());
  Wipe(text);
  return is_key ? std::optional(key) : std::nullopt;
}

// fchmodat, because the umask of the unit takes all rights from others, and everybody is to read this file.
void WriteKey(FdRef directory, const char* name, const crypto::Key& key, mode_t mode) {
  std::string text(key.begin(), key.end());
  ReplaceFile({directory, name}, text, 0600);
  Wipe(text);
  if (::fchmodat(directory.Get(), name, mode, 0) < 0) ThrowErrno("Failed to change the mode of", name);
}

}  // namespace

OwnChoice::~OwnChoice() {
  Wipe(text);
}

ChoiceOpener::ChoiceOpener(const std::string& path) {
  const UniqueFd directory = path.empty() ? UniqueFd() : OpenDirectory(path);
  auto secret = directory ? ReadKey(directory, kSecretFile) : std::nullopt;
  keys_ = secret ? crypto::KeysOf(*secret) : crypto::MakeKeys();
  if (!directory) return;
  if (!secret) WriteKey(directory, kSecretFile, keys_.secret, 0600);
  if (secret) ::explicit_bzero(secret->data(), secret->size());
  if (ReadKey(directory, kKeyFile) != keys_.open) WriteKey(directory, kKeyFile, keys_.open, 0644);
}

ChoiceOpener::~ChoiceOpener() {
  ::explicit_bzero(keys_.secret.data(), keys_.secret.size());
}

OwnChoiceWord ChoiceOpener::Open(const std::string& owner, FdRef file, const config::Settings& settings,
                                 std::uint64_t now) const {
  if (!settings.relay.user_relays) return CanNotUse(owner, "UserRelays= of mailqueue.conf(5) is off");
  const auto box = courier::ReadSealedFile(file);
  auto text = box ? seal::Open(*box, keys_) : std::nullopt;
  if (!text) return CanNotUse(owner, "what has come is not sealed for this relay");
  auto opened = std::make_shared<OwnChoice>();
  opened->text = std::move(*text);
  Wipe(*text);
  const auto choice = courier::ParseChoice(opened->text);
  if (!choice || choice->owner != owner) return CanNotUse(owner, "what has come is another user's");
  const auto lifetime = static_cast<std::uint64_t>(std::chrono::seconds(courier::kChoiceLifetime).count());
  if (choice->made > now || now - choice->made > lifetime)
    return CanNotUse(owner, "what has come is too old");
  std::string bad;
  const auto list = config::RelayList::Parse(choice->relays, bad);
  const auto options = config::OptionsForUser(settings.relay.common.options, choice->options);
  auto parsed = options ? config::ParseRelayOptions(*options) : std::nullopt;
  if (!bad.empty() || !config::FaultOfUserRelays(list).empty() || !parsed)
    return CanNotUse(owner, "they are not understood");
  opened->options = std::move(*parsed);
  for (const auto& group : list.groups)
    for (const auto& member : group) opened->relays.push_back(member.url);
  return opened;
}

}  // namespace relay
