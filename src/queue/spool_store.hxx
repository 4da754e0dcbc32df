// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/store.hxx"
#include "spool/queue.hxx"

namespace queue {

/// The spool as the engine sees it.
class SpoolStore final : public Store {
 public:
  /// @param queue outlives this
  explicit SpoolStore(const spool::Queue& queue) noexcept : queue_(queue) {}

  [[nodiscard]] Reading Read(const mail::QueueId& id) const override { return queue_.Read(id); }
  [[nodiscard]] UniqueFd OpenMessage(const mail::QueueId& id) const override {
    return queue_.OpenMessage(id);
  }
  [[nodiscard]] std::string ReadMessage(const mail::QueueId& id, std::size_t size) const override {
    return queue_.ReadMessage(id, size);
  }
  [[nodiscard]] mail::HeaderReader ReadHeader(const mail::QueueId& id) const override;
  std::uint64_t Update(const mail::Envelope& envelope, Durability durability) override {
    return queue_.Update(envelope, durability);
  }
  void Remove(const mail::QueueId& id) override { queue_.Remove(id); }
  bool Add(mail::Envelope& envelope, const std::string& message) override;
  [[nodiscard]] bool IsReported(const mail::QueueId& id) const override { return queue_.IsReported(id); }
  void SetReported(const mail::QueueId& id) override { queue_.SetReported(id); }
  [[nodiscard]] std::unique_ptr<Scan> MakeScan() override;

 private:
  const spool::Queue& queue_;
};

}  // namespace queue
