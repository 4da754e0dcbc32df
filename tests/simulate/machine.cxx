// SPDX-License-Identifier: BSD-2-Clause
#include "simulate/machine.hxx"

#include "unit/spool/simulated_spool.hxx"

#include <chrono>
#include <exception>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace simulate {

namespace {

constexpr auto kSlack = 2s;  // of a timer, and of the faults' own delays

std::string Seconds(mail::Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

Machine::Machine(World& world, Draw& draw, SimulatedClock& clock, SimulatedDisk& disk,
                 std::function<void(const std::string&)> trace)
    : clock_(clock),
      process_(disk, ::geteuid(), SimulatedSpool::kGroup),
      life_{world, draw, clock, process_, std::move(trace)},
      drops_(disk.OpenDirectory("/spool"), process_),
      queue_(disk.OpenDirectory("/spool/queue"), process_),
      scheduler_(MakeEnvironment(), [this] { intake_.OnRoom(); }),
      loader_(MakeEnvironment(),
              {.resume = [this](auto envelopes) { scheduler_.Resume(std::move(envelopes)); },
               .add = [this](auto envelopes) { scheduler_.Add(std::move(envelopes)); },
               .knows = [this](const auto& id) { return scheduler_.Knows(id); }},
              [] {}),
      intake_(MakeEnvironment(), drops_, queue_,
              {.add = [this](auto envelopes) { scheduler_.Add(std::move(envelopes)); },
               .resume = [this](auto envelope) { Resume(std::move(envelope)); },
               .knows = [this](const auto& id) { return scheduler_.Knows(id); },
               .share_of = [this](uid_t uid) { return scheduler_.FindShare(uid); },
               .usage_of = [this](uid_t uid) { return scheduler_.UsageOf(uid); }}) {}

queue::Environment Machine::MakeEnvironment() {
  return {clock_, log_, store_, settings_, router_, users_, couriers_, [this] { return life_.draw.Bits(); }};
}

void Machine::Resume(mail::Envelope envelope) {
  std::vector<mail::Envelope> one;
  one.push_back(std::move(envelope));
  scheduler_.Resume(std::move(one));
}

void Machine::Start() {
  scheduler_.SetOnShare([this](uid_t uid) { intake_.OnShare(uid); });
  scheduler_.SetOnUnreadable([this] { loader_.Start(); });
  loader_.Start();
  intake_.Scan();
}

void Machine::Flush() {
  if (scheduler_.Held() > 0) life_.world.OnRelease();
  loader_.Start();
  intake_.Flush();
  static_cast<void>(scheduler_.Flush({}));
}

// All that was posted has run.
void Machine::Check() const {
  const auto now = clock_.Now();
  const auto retry_max = settings_.Current()->queue.retry_max;
  for (const auto& [id, entry] : scheduler_.Entries()) {
    if (!entry.MayBeTried()) continue;
    if (entry.due > now + retry_max + kSlack)
      throw Violation(id.ToString() + " waits " + Seconds(entry.due - now) + ", longer than RetryMax=");
    if (entry.due < now - kSlack - queue::Submitters::kPatience)
      throw Violation(id.ToString() + " has been due for " + Seconds(now - entry.due) +
                      ", and nothing is done for it");
  }
}

std::string Machine::Describe() const {
  std::string text;
  for (const auto& [id, entry] : scheduler_.Entries())
    text += "  waits: " + id.ToString() + ", due in " + Seconds(entry.due - clock_.Now()) +
            (entry.active ? ", active" : "") + (entry.unannounced ? ", unannounced" : "") +
            (entry.envelope.held.empty() ? "" : ", held") + "\n";
  for (const auto& drop : intake_.List())
    text += "  waits: drop/" + drop.id.ToString() + ", " + drop.reason + "\n";
  for (const auto& [id, what] : loader_.List())
    text += "  can't be read: " + id.ToString() + ", " + what.why + "\n";
  return text;
}

std::set<mail::QueueId> Machine::Queued() const {
  std::set<mail::QueueId> ids;
  for (const auto& [id, entry] : scheduler_.Entries()) ids.insert(id);
  for (const auto& [id, what] : loader_.List()) ids.insert(id);
  return ids;
}

}  // namespace simulate
