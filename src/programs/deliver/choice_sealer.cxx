// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/choice_sealer.hxx"

#include "base/file.hxx"
#include "base/text.hxx"
#include "courier/credentials.hxx"

#include <fcntl.h>
#include <time.h>

#include <algorithm>
#include <optional>

namespace deliver {

namespace {

constexpr timespec kPause{0, 20'000'000};  // between two looks for the key

std::optional<crypto::Key> ReadRelayKey(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return std::nullopt;
  crypto::Key key;
  const auto text = ReadAll(file, 2 * key.size());
  if (text.size() != key.size()) return std::nullopt;
  std::copy(text.begin(), text.end(), key.begin());
  return key;
}

// The runner starts the relay before it asks for a choice.
std::optional<crypto::Key> WaitForRelayKey(const std::string& path) {
  const auto deadline = std::chrono::steady_clock::now() + ChoiceSealer::kKeyWait;
  for (;;) {
    if (auto key = ReadRelayKey(path)) return key;
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    ::nanosleep(&kPause, nullptr);
  }
}

}  // namespace

std::variant<UniqueFd, mail::DeliveryResult> ChoiceSealer::SealFor(std::string_view choice) const {
  const auto key = WaitForRelayKey(key_file_);
  if (!key)
    return mail::Deferred("4.3.2", "mailqueue-relay has not left its key in " + Quote(key_file_) +
                                       ", see its state: systemctl status mailqueue-relay");
  return courier::MakeSealedFile(seal_(choice, *key));
}

}  // namespace deliver
