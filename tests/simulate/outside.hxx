// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/environment.hxx"
#include "queue/spool_store.hxx"
#include "simulate/simulated_clock.hxx"
#include "simulate/world.hxx"
#include "support/simulated_process.hxx"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace simulate {

/// What the parts of one life of the runner have in common.
struct Life {
  World& world;
  Draw& draw;
  SimulatedClock& clock;
  SimulatedProcess& process;
  std::function<void(const std::string&)> trace;

  /// Calls @p function after a drawn time, unless the life has ended by then.
  void Later(std::function<void()> function);
  /// What is waited for in Later.
  std::list<std::unique_ptr<queue::Timer>> timers{};
};

class TracedLog final : public queue::Log {
 public:
  explicit TracedLog(const Life& life) : life_(life) {}
  using Log::Write;
  void Write(int priority, std::string_view text, std::span<const Field> fields) override;

 private:
  const Life& life_;
};

/// Tells the world when answers are stored.
class WatchedStore final : public queue::Store {
 public:
  WatchedStore(Life& life, const spool::Queue& queue) : life_(life), store_(queue) {}

  [[nodiscard]] Reading Read(const mail::QueueId& id) const override { return store_.Read(id); }
  [[nodiscard]] UniqueFd OpenMessage(const mail::QueueId& id) const override {
    return store_.OpenMessage(id);
  }
  [[nodiscard]] std::string ReadMessage(const mail::QueueId& id, std::size_t size) const override {
    return store_.ReadMessage(id, size);
  }
  [[nodiscard]] mail::HeaderReader ReadHeader(const mail::QueueId& id) const override {
    return store_.ReadHeader(id);
  }
  std::uint64_t Update(const mail::Envelope& envelope, Durability durability) override;
  void Remove(const mail::QueueId& id) override;
  bool Add(mail::Envelope& envelope, const std::string& message) override {
    return store_.Add(envelope, message);
  }
  [[nodiscard]] bool IsReported(const mail::QueueId& id) const override { return store_.IsReported(id); }
  void SetReported(const mail::QueueId& id) override { store_.SetReported(id); }
  [[nodiscard]] std::unique_ptr<Scan> MakeScan() override { return store_.MakeScan(); }

 private:
  Life& life_;
  queue::SpoolStore store_;
};

class SimulatedRouter final : public queue::Router {
 public:
  explicit SimulatedRouter(Life& life) : life_(life) {}
  void Expand(queue::Snapshot, Question question, Done done) override;
  void Follow(queue::Snapshot, uid_t, route::End asked, courier::Forward forward, Done done) override;
  [[nodiscard]] std::vector<std::string> Faults() const override { return {}; }

  /// How many addresses have been asked for.
  [[nodiscard]] std::size_t Asked() const noexcept { return asked_; }

 private:
  Life& life_;
  std::size_t asked_ = 0;
};

class SimulatedUsers final : public queue::Users {
 public:
  explicit SimulatedUsers(Life& life) : life_(life) {}
  void LookUp(uid_t uid, Found found) override;

 private:
  Life& life_;
};

/// Couriers that deliver, defer, refuse, answer late, twice or with nonsense, or die.
class SimulatedCouriers final : public queue::Couriers {
 public:
  explicit SimulatedCouriers(Life& life) : life_(life) {}

  void SetOnRoom(OnRoom on_room) override { on_room_ = std::move(on_room); }
  [[nodiscard]] bool HasRoom(route::Courier courier, uid_t uid, uid_t share) const noexcept override;
  void Deliver(const route::Route& route, queue::Order order) override;
  void Probe(queue::Order) override {}
  void OnResult(uid_t, const mail::DeliveryResult&) override {}
  void OnMountChange() override {}

 private:
  using Whose = std::pair<route::Courier, uid_t>;

  void Serve(const route::Route& route, const queue::Order& order);
  [[nodiscard]] queue::Reply Answer(const route::Route& route, const queue::Order& order);
  [[nodiscard]] mail::DeliveryResult Try(const route::Route& route, const std::string& address);
  static void AnswerTwice(const queue::Order& order);
  void Lie(const queue::Order& order);

  Life& life_;
  OnRoom on_room_;
  std::map<Whose, std::size_t> active_;
  mutable std::map<Whose, std::size_t> refused_;
};

class FixedSettings final : public queue::SettingsSource {
 public:
  FixedSettings();
  [[nodiscard]] queue::Snapshot Refresh() override { return settings_; }
  [[nodiscard]] queue::Snapshot Current() const override { return settings_; }

 private:
  queue::Snapshot settings_;
};

}  // namespace simulate
