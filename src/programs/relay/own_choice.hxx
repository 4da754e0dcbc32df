// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "config/relay_options.hxx"
#include "config/settings.hxx"
#include "courier/credentials.hxx"
#include "crypto/key.hxx"
#include "mail/delivery_result.hxx"
#include "seal/box.hxx"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace relay {

/// Which relays a user has chosen, as their own agent has sealed it. The credentials are wiped when it goes.
struct OwnChoice {
  std::vector<std::string> relays{};  ///< as config::RelayUrl::ToString writes them
  config::RelayOptions options{};     ///< with what the administrator has decided for all users
  std::string text{};                 ///< for courier::FindCredential

  OwnChoice() = default;
  ~OwnChoice();
  OwnChoice(const OwnChoice&) = delete;
  OwnChoice& operator=(const OwnChoice&) = delete;
  OwnChoice(OwnChoice&&) = delete;
  OwnChoice& operator=(OwnChoice&&) = delete;
};

/// The choice, or why it can't be used: always Deferred, for the next attempt has the agent asked anew.
using OwnChoiceWord = std::variant<std::shared_ptr<const OwnChoice>, mail::DeliveryResult>;

/// Has the key that users' agents seal their choices to. The secret is in a directory of the relay's own, so
/// that another relay process of this boot opens what was sealed for this one; the public key beside it is
/// for everybody.
class ChoiceOpener {
 public:
  static constexpr char kSecretFile[] = "secret";
  static constexpr char kKeyFile[] = "key";

  /// Loads the key, or makes one. @param path of its directory; empty: it is kept in memory alone
  /// Throws std::exception.
  explicit ChoiceOpener(const std::string& path);
  ~ChoiceOpener();
  ChoiceOpener(const ChoiceOpener&) = delete;
  ChoiceOpener& operator=(const ChoiceOpener&) = delete;

  [[nodiscard]] const crypto::Key& Key() const noexcept { return keys_.open; }

  /// @param owner whom the request names
  /// @param file with the box, courier::MakeSealedFile
  /// @param settings of the machine
  /// @param now courier::SecondsSinceBoot()
  /// Throws std::exception.
  [[nodiscard]] OwnChoiceWord Open(const std::string& owner, FdRef file, const config::Settings& settings,
                                   std::uint64_t now) const;

 private:
  crypto::KeyPair keys_{};
};

}  // namespace relay
