// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "config/relay_options.hxx"
#include "courier/protocol.hxx"
#include "mail/delivery_result.hxx"
#include "programs/relay/own_choice.hxx"
#include "smtp/client/delivery.hxx"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace relay {

/// The connection that asked for a delivery and gets the results.
class Requester {
 public:
  virtual ~Requester() = default;
  /// @param results one a recipient, in the order of the request
  /// @param unreached courier::Answer::unreached
  virtual void OnResults(std::uint64_t serial, std::vector<mail::DeliveryResult> results, bool unreached) = 0;
  /// @param reports one a relay, in the order of the request
  virtual void OnReports(std::uint64_t serial, std::vector<mail::RelayReport> reports) = 0;
  /// False once nobody listens: whatever is not delivered yet will be asked for again.
  [[nodiscard]] virtual bool IsListening() const noexcept = 0;
};

/// One request that is being worked on.
struct Job {
  courier::Request request;
  config::RelayOptions options;  ///< of the request, or of the owner's choice
  UniqueFd message;
  UniqueFd sealed;                          ///< the choice of the request's owner, where there is one
  std::shared_ptr<const OwnChoice> choice;  ///< the same, opened; null without an owner
  std::uint64_t message_size = 0;           ///< octets
  std::weak_ptr<Requester> requester;
  std::vector<std::size_t> open;               ///< recipients without a final result, by index in the request
  std::vector<mail::DeliveryResult> results;   ///< so far, one a recipient of the request
  unsigned connections = 0;                    ///< that it has been tried on
  std::size_t next_relay = 0;                  ///< the one after that which has it, by index in the request
  std::vector<mail::DeliveryResult> refusals;  ///< of those before that one

  /// No recipient has a result yet. Call it once the request is there.
  void Open();
  [[nodiscard]] bool IsWanted() const noexcept;
  /// There is another relay for it.
  [[nodiscard]] bool HasNextRelay() const noexcept { return next_relay < request.relays.size(); }
  /// Takes over the results of those that were open. Those that the server has not dealt with stay open.
  /// @param remote the server's name
  void Record(smtp::DeliveryReport report, const std::string& remote);
  /// Gives the requester all results.
  void Answer();
  /// The same, with @p result for those that are open.
  void AnswerAll(const mail::DeliveryResult& result);
  /// The same, with what the relays have refused it for: Failed only if all of them are sure that it can't be
  /// delivered. One that refused the login outweighs the others, for that is not expected to pass.
  void AnswerRefused();

 private:
  void Tell(bool unreached);
};

}  // namespace relay
