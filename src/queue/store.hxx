// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "mail/envelope.hxx"
#include "mail/header.hxx"
#include "mail/queue_id.hxx"
#include "spool/queue.hxx"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace queue {

/// The messages on stable storage. What can fail throws std::system_error.
class Store {
 public:
  using Reading = spool::Queue::Reading;
  using Durability = spool::Queue::Durability;

  [[nodiscard]] virtual Reading Read(const mail::QueueId& id) const = 0;
  /// The message, for reading.
  [[nodiscard]] virtual UniqueFd OpenMessage(const mail::QueueId& id) const = 0;
  /// The first @p size octets of the message, or what there is.
  [[nodiscard]] virtual std::string ReadMessage(const mail::QueueId& id, std::size_t size) const = 0;
  /// As much of its header as a HeaderReader takes.
  [[nodiscard]] virtual mail::HeaderReader ReadHeader(const mail::QueueId& id) const = 0;
  /// @return the octets of the stored envelope
  virtual std::uint64_t Update(const mail::Envelope& envelope, Durability durability) = 0;
  /// Afterwards the message is not in the queue.
  virtual void Remove(const mail::QueueId& id) = 0;

  /// Afterwards the message is in the queue and on stable storage. An earlier call with the same ID, which
  /// was cut short, may have brought it there.
  /// @param envelope its message_size is set
  /// @return false if it was there
  virtual bool Add(mail::Envelope& envelope, const std::string& message) = 0;

  /// Whether SetReported has been called, in this life or an earlier one.
  [[nodiscard]] virtual bool IsReported(const mail::QueueId& id) const = 0;
  virtual void SetReported(const mail::QueueId& id) = 0;

  /// Goes over what is there: see spool::QueueScan.
  class Scan {
   public:
    Scan() = default;
    virtual ~Scan() = default;
    Scan(const Scan&) = delete;
    Scan& operator=(const Scan&) = delete;

    [[nodiscard]] virtual std::optional<mail::QueueId> Next() = 0;
    [[nodiscard]] virtual bool AtEnd() const noexcept = 0;
    [[nodiscard]] virtual std::string Fault() const = 0;
  };
  [[nodiscard]] virtual std::unique_ptr<Scan> MakeScan() = 0;

 protected:
  ~Store() = default;
};

}  // namespace queue
