// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/delivery_result.hxx"
#include "mail/envelope.hxx"
#include "mail/time.hxx"
#include "route/end.hxx"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <variant>

namespace queue {

/// Sees to it that relays that can't be reached cost one attempt a round, however many messages there are for
/// them, and keep no message for others waiting. A destination is a list of relays with its options, and what
/// is asked of TLS there; where a user has chosen it, theirs alone, and another one when they have changed
/// their password.
///
/// One that nothing is known of gets a few requests, and when the first of them has been answered by a server
/// all that there are. One that could not be reached is left alone, at first for RetryMin=, then twice as
/// long each time up to RetryMax=; meanwhile its mail has the result that the last attempt had. After that
/// one request finds out how things are.
class Destinations {
 public:
  static constexpr std::size_t kUnproven = 20;      ///< requests under way before the first answer
  static constexpr std::size_t kRemembered = 5000;  ///< from then on those that are due again are forgotten

  /// The request may go; OnAnswer or OnLost follows.
  struct Go {};
  /// The destination can't be reached, and is tried again at that time.
  struct Down {
    mail::DeliveryResult result;
    mail::Time until;
  };
  /// Others go first: what comes of them is not known yet.
  struct Busy {};
  using Verdict = std::variant<Go, Down, Busy>;

  /// @param on_change called with a key when those that were told Busy may ask again
  explicit Destinations(std::function<void(const std::string& key)> on_change)
      : on_change_(std::move(on_change)) {}

  [[nodiscard]] static std::string KeyOf(const route::Route& route, mail::TlsDemand tls) {
    // Elsewhere it makes no difference.
    if (tls == mail::TlsDemand::Optional && !route.destination.starts_with("mx://"))
      tls = mail::TlsDemand::None;
    return std::to_string(static_cast<int>(tls)) + route.destination + "\n" + route.options + "\n" +
           route.owner + "\n" + route.credentials;
  }

  /// @param flushed what was found out before that counts no longer for who asks: their message was flushed
  [[nodiscard]] Verdict Ask(const std::string& key, mail::Time now, mail::Time flushed = {});
  /// @param unreached courier::Answer::unreached
  void OnAnswer(const std::string& key, bool unreached, const mail::DeliveryResult& result,
                const config::Settings::Queue& queue, mail::Time now);
  /// Nobody knows what became of the request.
  void OnLost(const std::string& key);
  /// Whoever asks next finds out how things are.
  void Forgive() noexcept;
  /// Whether Ask would say Busy.
  [[nodiscard]] bool IsBusy(const std::string& key, mail::Time now, mail::Time flushed = {}) const;

  /// How many there are with requests under way or out of reach.
  [[nodiscard]] std::size_t Size() const noexcept { return records_.size(); }

 private:
  struct Record {
    std::size_t open = 0;         // requests under way
    bool proven = false;          // a server has answered
    bool awaited = false;         // somebody was told Busy
    unsigned failures = 0;        // one after the other
    mail::Time until{};           // with failures: of the next attempt
    mail::Time failed{};          // with failures: of the last one
    mail::DeliveryResult result;  // with failures: of the last one
  };
  using Records = std::map<std::string, Record>;

  [[nodiscard]] static bool IsFull(const Record& record) noexcept;
  [[nodiscard]] static bool IsDown(const Record& record, mail::Time now, mail::Time flushed) noexcept;
  void Forget(mail::Time now);
  void End(Records::iterator found);

  std::function<void(const std::string& key)> on_change_;
  Records records_;
};

}  // namespace queue
