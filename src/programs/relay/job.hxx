// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/protocol.hxx"
#include "mail/delivery_result.hxx"

#include <cstdint>
#include <memory>
#include <vector>

namespace relay {

/// Who asked for a delivery, and will be told.
class Requester {
 public:
  virtual ~Requester() = default;
  /// @param results one a recipient, in the order of the request
  virtual void OnResults(std::uint64_t serial, std::vector<mail::DeliveryResult> results) = 0;
  /// False once nobody listens: whatever is not delivered yet will be asked for again.
  [[nodiscard]] virtual bool IsListening() const noexcept = 0;
};

/// One request on its way.
struct Job {
  courier::Request request;
  UniqueFd message;
  std::uint64_t message_size = 0;  ///< octets
  std::weak_ptr<Requester> requester;
  bool second_try = false;  ///< a server left an old connection just as it was to get this message

  [[nodiscard]] bool IsWanted() const noexcept {
    const auto listener = requester.lock();
    return listener && listener->IsListening();
  }
  void Answer(std::vector<mail::DeliveryResult> results) const {
    if (const auto listener = requester.lock()) listener->OnResults(request.serial, std::move(results));
  }
  void AnswerAll(const mail::DeliveryResult& result) const {
    Answer(std::vector<mail::DeliveryResult>(request.envelope.recipients.size(), result));
  }
};

}  // namespace relay
