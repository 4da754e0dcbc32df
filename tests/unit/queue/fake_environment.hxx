// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/environment.hxx"
#include "queue/spool_store.hxx"
#include "unit/queue/fake_clock.hxx"
#include "unit/spool/spool_directory.hxx"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Keeps the records.
class FakeLog final : public queue::Log {
 public:
  struct Record {
    int priority;
    std::string text;
    std::multimap<std::string, std::string> fields;
  };

  using Log::Write;
  void Write(int priority, std::string_view text, std::span<const Field> fields) override {
    auto& record = records.emplace_back(Record{priority, std::string(text), {}});
    for (const auto& [name, value] : fields) record.fields.emplace(name, value);
  }
  [[nodiscard]] std::size_t Count(std::string_view part) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        records, [&](const Record& record) { return record.text.find(part) != std::string::npos; }));
  }

  std::vector<Record> records;
};

/// The spool, where a test says which calls fail.
class FakeStore final : public queue::Store {
 public:
  enum class Call {
    Read,
    OpenMessage,
    ReadMessage,
    ReadHeader,
    Update,
    Remove,
    Add,
    IsReported,
    SetReported,
    Scan
  };

  explicit FakeStore(const spool::Queue& queue) : store_(queue) {}

  [[nodiscard]] Reading Read(const mail::QueueId& id) const override {
    on_call(Call::Read, id);
    if (fails_to_read) return spool::Unreadable{spool::Unreadable::Kind::Failing, "Failed to read"};
    return store_.Read(id);
  }
  [[nodiscard]] UniqueFd OpenMessage(const mail::QueueId& id) const override {
    on_call(Call::OpenMessage, id);
    return store_.OpenMessage(id);
  }
  [[nodiscard]] std::string ReadMessage(const mail::QueueId& id, std::size_t size) const override {
    on_call(Call::ReadMessage, id);
    return store_.ReadMessage(id, size);
  }
  [[nodiscard]] mail::HeaderReader ReadHeader(const mail::QueueId& id) const override {
    on_call(Call::ReadHeader, id);
    return store_.ReadHeader(id);
  }
  std::uint64_t Update(const mail::Envelope& envelope, Durability durability) override {
    on_call(Call::Update, envelope.id);
    return store_.Update(envelope, durability);
  }
  void Remove(const mail::QueueId& id) override {
    on_call(Call::Remove, id);
    store_.Remove(id);
  }
  bool Add(mail::Envelope& envelope, const std::string& message) override {
    on_call(Call::Add, envelope.id);
    return store_.Add(envelope, message);
  }
  [[nodiscard]] bool IsReported(const mail::QueueId& id) const override {
    on_call(Call::IsReported, id);
    return store_.IsReported(id);
  }
  void SetReported(const mail::QueueId& id) override {
    on_call(Call::SetReported, id);
    store_.SetReported(id);
  }
  [[nodiscard]] std::unique_ptr<Scan> MakeScan() override {
    on_call(Call::Scan, {});
    return store_.MakeScan();
  }

  bool fails_to_read = false;
  /// Called before each call, and may throw in its place.
  std::function<void(Call, const mail::QueueId&)> on_call = [](Call, const mail::QueueId&) {};

 private:
  queue::SpoolStore store_;
};

class FakeSettings final : public queue::SettingsSource {
 public:
  [[nodiscard]] queue::Snapshot Refresh() override {
    if (fails) throw std::runtime_error("no memory");
    return Current();
  }
  [[nodiscard]] queue::Snapshot Current() const override {
    return std::make_shared<const config::Settings>(settings);
  }
  config::Settings settings;
  bool fails = false;  ///< Refresh throws
};

class FakeUsers final : public queue::Users {
 public:
  explicit FakeUsers(FakeClock& clock) : clock_(clock) {}
  void LookUp(uid_t uid, Found found) override {
    asked.push_back(uid);
    if (!is_silent) clock_.Post([this, uid, found = std::move(found)] { found(is_user(uid)); });
  }
  std::function<std::optional<bool>(uid_t)> is_user = [](uid_t uid) { return uid < 100000; };
  bool is_silent = false;  ///< answers never
  std::vector<uid_t> asked;

 private:
  FakeClock& clock_;
};

/// Everything in it, and what a test needs of each, with the spool on a disk.
struct FakeEnvironment {
  /// Makes the ways: an address that is not told of leads to relay.example.
  class FakeRouter final : public queue::Router {
   public:
    explicit FakeRouter(FakeClock& clock) : clock_(clock) {}
    void Expand(queue::Snapshot, Question question, Done done) override {
      questions.push_back(question);
      std::vector<route::Expansion> expansions;
      expansions.reserve(question.addresses.size());
      for (const auto& address : question.addresses) expansions.push_back(Find(address, question.sender));
      if (says_nothing) expansions.clear();
      Answer(std::move(done), std::move(expansions));
    }
    void Follow(queue::Snapshot, uid_t, route::End asked, courier::Forward forward, Done done) override {
      route::Expansion all;
      for (const auto& destination : forward.destinations) {
        const auto one = Find(destination.text, asked.GetRoute()->sender);
        all.ends.insert(all.ends.end(), one.ends.begin(), one.ends.end());
        all.faults.insert(all.faults.end(), one.faults.begin(), one.faults.end());
      }
      const auto lineage = std::make_shared<route::Lineage>();
      lineage->depth = 1;
      for (auto& end : all.ends) end.lineage = lineage;
      for (auto& end : all.ends) all.steps.push_back({1, end.address, {}, all.steps.size()});
      if (says_nothing) return Answer(std::move(done), {});
      Answer(std::move(done), {std::move(all)});
    }
    [[nodiscard]] std::vector<std::string> Faults() const override { return faults; }

    /// Where they lead.
    std::map<std::string, std::vector<route::End>> ends;
    std::map<std::string, std::vector<std::string>> faults_of;
    std::map<std::string, std::vector<route::Step>> steps_of;  ///< beside one for each end
    std::string where = "/etc/aliases:1";                      ///< Step::where of those
    bool is_unanswered = false;                                ///< Expansion::unanswered of all
    std::vector<std::string> faults;
    std::vector<Question> questions;
    bool is_silent = false;     ///< answers never
    bool says_nothing = false;  ///< answers without expansions

   private:
    [[nodiscard]] route::Expansion Find(const std::string& address, const std::string& sender) const;
    void Answer(Done done, std::vector<route::Expansion> expansions) {
      if (is_silent) return;
      clock_.Post([done = std::move(done), expansions = std::move(expansions)] { done(expansions); });
    }
    FakeClock& clock_;
  };

  /// Does with orders what a test says.
  class FakeCouriers final : public queue::Couriers {
   public:
    explicit FakeCouriers(FakeClock& clock) : clock_(clock) {}

    struct Delivery {
      route::Route route;
      queue::Order order;
    };

    void SetOnRoom(OnRoom callback) override { on_room = std::move(callback); }
    [[nodiscard]] bool HasRoom(route::Courier courier, uid_t uid, uid_t) const noexcept override {
      return !full.contains({courier, uid});
    }
    void Deliver(const route::Route& route, queue::Order order) override {
      if (fails) throw std::bad_alloc();
      deliveries.push_back({route, std::move(order)});
      if (result) clock_.Post([this, index = deliveries.size() - 1] { Answer(index, *result); });
    }
    void Probe(queue::Order order) override { probes.push_back(std::move(order)); }
    void OnResult(uid_t uid, const mail::DeliveryResult& what) override {
      results.emplace_back(uid, what.status);
    }
    void OnMountChange() override { ++mount_changes; }

    /// Answers the order that came as number @p index with @p how for each recipient; empty: it dies.
    void Answer(std::size_t index, const std::optional<mail::DeliveryResult>& how) {
      const auto order = deliveries.at(index).order;
      order.done({queue::Results(order.request.envelope.recipients.size(), how)});
    }

    std::optional<mail::DeliveryResult> result;  ///< of all; empty: a test answers itself
    bool fails = false;                          ///< Deliver throws
    OnRoom on_room;
    std::set<std::pair<route::Courier, uid_t>> full;
    std::vector<Delivery> deliveries;
    std::vector<queue::Order> probes;
    std::vector<std::pair<uid_t, std::string>> results;
    unsigned mount_changes = 0;

   private:
    FakeClock& clock_;
  };

  FakeEnvironment() : FakeEnvironment(nullptr) {}
  /// @param elsewhere a queue that is not on the kernel's disk; null: one that is
  explicit FakeEnvironment(std::unique_ptr<spool::Queue> elsewhere)
      : queue(elsewhere ? std::move(*elsewhere) : spool::Queue(directory.Open("queue"))) {
    settings.settings.mail.hostname = settings.settings.mail.domain = "host.example.org";
  }

  [[nodiscard]] queue::Environment Get() {
    return {clock, log, store, settings, router, users, couriers, [this] { return ++random; }};
  }
  /// Puts a message into the queue.
  [[nodiscard]] mail::Envelope Put(const mail::Envelope& envelope) {
    spool::QueueBatch batch(queue);
    batch.Add(envelope, "Subject: x\n\nbody\n");
    return batch.Commit().at(0);
  }
  /// One that is new.
  [[nodiscard]] mail::Envelope MakeEnvelope(const std::vector<std::string>& recipients,
                                            long long number = 1) {
    auto envelope = MakeTestEnvelope(number);
    envelope.created = clock.Now();
    envelope.recipients.clear();
    for (const auto& address : recipients) envelope.recipients.emplace_back().address = address;
    return envelope;
  }

  SpoolDirectory directory;
  spool::Queue queue;
  FakeClock clock;
  FakeLog log;
  FakeStore store{queue};
  FakeSettings settings;
  FakeRouter router{clock};
  FakeUsers users{clock};
  FakeCouriers couriers{clock};
  std::uint64_t random = 0;  ///< the last number that was drawn
};

constexpr uid_t kBob = 1001;
inline const auto kOk = mail::Delivered("2.0.0", "ok");
inline const auto kRefused = mail::Deferred("4.4.1", "refused");

/// Ends of an address, as the expander makes them.
inline route::End MakeEnd(route::Where where, const std::string& address) {
  return {std::move(where), address, {}, std::make_shared<const route::Lineage>()};
}
inline route::End MakeRemoteEnd(const std::string& address, const std::string& sender = "alice@example.org",
                                const std::string& relays = "smtp://relay.example") {
  route::Route route;
  route.destination = relays;
  route.leaves = true;
  route.sender = sender;
  return MakeEnd(std::move(route), address);
}
/// A user's mailbox, behind their forward file if they have one.
inline route::End MakeUserEnd(const std::string& user, uid_t uid, bool forward = true) {
  route::Route route;
  route.courier = route::Courier::Deliver;
  route.uid = uid;
  route.destination = "/var/mail/" + user;
  route.forward = forward;
  route.sender = "alice@example.org";
  auto end = MakeEnd(std::move(route), user);
  end.user = user;
  return end;
}
inline route::End MakeCommandEnd(const std::string& user, uid_t uid, const std::string& command) {
  auto end = MakeUserEnd(user, uid, false);
  auto& route = std::get<route::Route>(end.where);
  route.courier = route::Courier::Command;
  route.destination = "|" + command;
  end.address = route.destination;
  return end;
}

inline route::Expansion FakeEnvironment::FakeRouter::Find(const std::string& address,
                                                          const std::string& sender) const {
  route::Expansion expansion;
  const auto found = ends.find(address);
  if (const auto fault = faults_of.find(address); fault != faults_of.end()) expansion.faults = fault->second;
  expansion.unanswered = is_unanswered;
  expansion.ends = found == ends.end() ? std::vector{MakeRemoteEnd(address, sender)} : found->second;
  for (std::size_t i = 0; i < expansion.ends.size(); ++i) expansion.steps.push_back({1, address, where, i});
  if (const auto more = steps_of.find(address); more != steps_of.end())
    expansion.steps.insert(expansion.steps.end(), more->second.begin(), more->second.end());
  return expansion;
}
