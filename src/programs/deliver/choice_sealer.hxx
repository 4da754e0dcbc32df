// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "mail/delivery_result.hxx"
#include "paths.h"
#include "seal/module.hxx"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace deliver {

/// Hands a user's choice of relays, with their passwords, over to the relay: sealed, since it goes through
/// the runner.
class ChoiceSealer {
 public:
  using Seal = std::function<std::string(std::string_view text, const crypto::Key& key)>;

  /// How long to wait for a relay that has just been started for the first time: it makes its key then.
  static constexpr std::chrono::seconds kKeyWait{10};

  /// @param key_file of the relay, which nobody else can write
  explicit ChoiceSealer(std::string key_file = MAILQUEUE_RUNDIR "-relay/key", Seal seal = &seal::SealByModule)
      : key_file_(std::move(key_file)), seal_(std::move(seal)) {}

  /// courier::MakeSealedFile with a box that only the relay can open; or why not, Deferred. Throws
  /// std::exception.
  [[nodiscard]] std::variant<UniqueFd, mail::DeliveryResult> SealFor(std::string_view choice) const;

 private:
  std::string key_file_;
  Seal seal_;
};

}  // namespace deliver
