// SPDX-License-Identifier: BSD-2-Clause
#include "simulate/simulation.hxx"

#include "base/disk_file.hxx"
#include "spool/drop_stream.hxx"
#include "submit/drop_file.hxx"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>
#include <variant>

using namespace std::chrono_literals;

namespace simulate {

namespace {

constexpr unsigned kSteps = 80;
constexpr unsigned kPatience = 4000;  // timers, until all has come to rest
constexpr std::array<int, 5> kErrors = {EIO, ENOSPC, EMFILE, ENOMEM, EINTR};

std::string Clock(mail::Time time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  const auto of_day = seconds % 86400;
  const auto two = [](long long number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return "day " + std::to_string(seconds / 86400) + " " + two(of_day / 3600) + ":" + two(of_day / 60 % 60) +
         ":" + two(of_day % 60);
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, const Options& options,
                       std::function<void(const std::string&)> trace)
    : draw_(seed),
      options_(options),
      trace_(std::move(trace)),
      spool_(SimulatedDisk::Rule::Journal, draw_.Bits()) {
  if (draw_.Chance(30)) clock_.SetTick(1ms);
  clock_.SetOnCall([this] {
    if (!machine_ || !until_crash_) return;
    if (*until_crash_ == 0)
      machine_->Process().Stop();
    else
      --*until_crash_;
  });
}

void Simulation::Trace(const std::string& what) {
  trace_(what.starts_with(' ') ? what : Clock(clock_.Now()) + " " + what);
}

void Simulation::Run() {
  Start();
  for (unsigned step = 0; step < kSteps; ++step) {
    Act();
    RunSome();
  }
  FinishAll();
}

void Simulation::Act() {
  const auto kind = draw_.Below(100);
  if (kind < 30) return Submit();
  if (kind < 70) return LetTimePass();
  if (kind < 80) {
    world_.Change();
    return Trace("something changes outside");
  }
  if (kind < 84) return FailCalls();
  if (kind < 88) {
    Trace("the runner is about to be killed");
    if (draw_.Chance(50))
      machine_->Process().StopAt(static_cast<unsigned>(1 + draw_.Below(40)));
    else
      until_crash_ = static_cast<unsigned>(draw_.Below(40));
    return;
  }
  if (kind < 90) {
    Trace("the power fails");
    return End(true);
  }
  if (kind < 92) return machine_->OnMountChange();
  if (kind < 94) return machine_->Flush(static_cast<uid_t>(1000 + draw_.Below(3)));
  if (kind < 95) {
    Trace("root flushes");
    return machine_->Flush();
  }
  if (options_.steps) SetTheClock();
}

void Simulation::Submit() {
  const uid_t uid = draw_.Chance(20) ? 0 : static_cast<uid_t>(1000 + draw_.Below(3));
  Submission submission;
  submission.id = mail::QueueId::Make(clock_.Now(), static_cast<std::uint32_t>(draw_.Bits()));
  submission.token = "m" + std::to_string(++number_);
  submission.text =
      "Subject: " + submission.token + "\n\n" + std::string(draw_.Chance(10) ? 3000 : 30, 'x') + "\n";
  mail::Envelope envelope;
  envelope.id = submission.id;
  envelope.sender = world_.DrawSender();
  envelope.created = clock_.Now();
  envelope.envid = submission.token;
  for (auto count = 1 + draw_.Below(draw_.Chance(10) ? 30 : 3); count > 0; --count) {
    const auto address = world_.DrawRecipient();
    if (std::ranges::count(submission.recipients, address) > 0) continue;
    submission.recipients.push_back(address);
    envelope.recipients.emplace_back().address = address;
  }
  Trace("user " + std::to_string(uid) + " submits " + submission.id.ToString() + " (" + submission.token +
        ")");
  for (const auto& address : submission.recipients) Trace("  to " + address);
  const auto& known = world_.Submit(std::move(submission));
  if (draw_.Chance(70))
    SubmitFile(known, envelope, uid);
  else
    SubmitStream(known, envelope, uid);
}

void Simulation::SubmitFile(const Submission& submission, const mail::Envelope& envelope, uid_t uid) {
  SimulatedProcess process(spool_.disk, uid, uid);
  if (draw_.Chance(10)) process.StopAt(static_cast<unsigned>(1 + draw_.Below(12)));
  submit::DropFile file(process, SimulatedSpool::kDrop);
  const auto text = MakeDropText(envelope, submission.text);
  const auto unfinished = spool::UnfinishedHead() + text.substr(spool::kDropHeadSize);
  std::string_view rest = unfinished;
  int error = file.Open(submission.id);
  while (error == 0 && !rest.empty()) error = file.Write(rest);
  if (error == 0) error = file.Overwrite(0, std::string_view(text).substr(0, spool::kDropHeadSize));
  if (error == 0) error = file.Link(submission.id);
  if (error == 0 && !process.IsStopped() && draw_.Chance(80)) machine_->OnDrop(submission.id.ToString());
  if (error == 0 && draw_.Chance(30)) RunSome();  // the runner may be faster than the fsync
  if (error == 0) error = file.SyncOrUnlink();
  if (error != 0 || process.IsStopped()) return Trace("  not accepted");
  world_.Submit(submission).acknowledged = true;
  Trace("  accepted");
}

void Simulation::SubmitStream(const Submission& submission, const mail::Envelope& envelope, uid_t uid) {
  try {
    spool::DropStream stream(machine_->Queue());
    const auto text = MakeDropText(envelope, submission.text);
    stream.Add(spool::UnfinishedHead());
    stream.Add(std::string_view(text).substr(spool::kDropHeadSize));
    stream.Add(std::string_view(text).substr(0, spool::kDropHeadSize));
    auto read = stream.Finish(uid, clock_.Now());
    auto* const drop = std::get_if<spool::Drop>(&read);
    if (!drop) return;
    machine_->TakeStream(std::move(*drop), [this, id = submission.id,
                                            &process = machine_->Process()](const spool::SubmitReply& reply) {
      if (process.IsStopped()) return;
      auto submitted = world_.Submissions().at(id);
      submitted.acknowledged = reply.status == 0;
      Trace("  " + id.ToString() + (submitted.acknowledged ? " is accepted" : " is refused"));
      world_.Submit(std::move(submitted));
    });
  } catch (const std::system_error& e) {
    Trace(std::string("  not accepted: ") + e.what());
  }
}

void Simulation::LetTimePass() {
  const auto next = clock_.NextTimer();
  if (next && draw_.Chance(50)) return clock_.Advance(*next);
  const auto minutes = draw_.Chance(20) ? draw_.Below(600) : draw_.Below(20);
  if (draw_.Chance(5)) {
    Trace("the machine sleeps for " + std::to_string(minutes) + " min");
    clock_.Suspend(std::chrono::minutes(minutes));
    return clock_.Advance(0s);
  }
  clock_.Advance(std::chrono::minutes(minutes) + std::chrono::seconds(draw_.Below(60)));
}

void Simulation::SetTheClock() {
  const auto hours = static_cast<long long>(draw_.Below(48)) - 24;
  Trace("the clock is set " + std::to_string(hours) + " h forward");
  clock_.Step(std::chrono::hours(hours));
}

void Simulation::FailCalls() {
  using Fault = SimulatedProcess::Fault;
  constexpr std::array kRepeats = {Fault::Repeat::Once, Fault::Repeat::Once, Fault::Repeat::Always,
                                   Fault::Repeat::EveryThird};
  Fault fault;
  if (draw_.Chance(60)) fault.call = static_cast<SimulatedProcess::Call>(draw_.Below(20));
  fault.first = static_cast<unsigned>(1 + draw_.Below(20));
  fault.repeat = draw_.From(kRepeats);
  fault.error = draw_.From(kErrors);
  if (fault.error == EINTR && fault.repeat == Fault::Repeat::Always) fault.error = EIO;
  Trace("calls of the disk fail: " + std::string(std::strerror(fault.error)));
  machine_->Process().FailAt(fault);
  faults_ = static_cast<unsigned>(1 + draw_.Below(10));
}

void Simulation::Start() {
  until_crash_.reset();
  faults_ = 0;
  machine_ = std::make_unique<Machine>(world_, draw_, clock_, spool_.disk,
                                       [this](const std::string& what) { Trace(what); });
  machine_->Start();
}

void Simulation::End(bool power) {
  ++crashes_;
  machine_->Process().Stop();
  machine_.reset();
  clock_.Forget();
  if (power) spool_.disk.CutPower();
  world_.OnCrash(power);
  Start();
}

// A part of what can be done now.
void Simulation::RunSome() {
  for (auto count = draw_.Chance(50) ? 10000 : draw_.Below(20); count > 0; --count) {
    if (machine_->Process().IsStopped()) break;
    if (!clock_.RunOne()) {
      Check();
      break;
    }
  }
  if (machine_->Process().IsStopped()) {
    Trace("the runner is gone");
    return End(false);
  }
  if (faults_ > 0 && --faults_ == 0) {
    machine_->Process().ClearFaults();
    Trace("calls of the disk work again");
  }
}

void Simulation::Check() {
  if (faults_ == 0) machine_->Check();
}

std::set<mail::QueueId> Simulation::InDrop() const {
  std::set<mail::QueueId> ids;
  for (const auto& name : spool_.disk.Names(SimulatedSpool::kDrop))
    if (const auto id = mail::QueueId::Parse(name)) ids.insert(*id);
  return ids;
}

void Simulation::FinishAll() {
  Trace("all is well from here on");
  world_.Heal();
  machine_->Process().ClearFaults();
  faults_ = 0;
  until_crash_.reset();
  machine_->OnMountChange();
  for (const auto& id : InDrop()) machine_->OnDrop(id.ToString());
  clock_.RunPosted();
  for (unsigned count = 0; !machine_->IsAtRest(); ++count) {
    if (machine_->Process().IsStopped()) {
      End(false);
      clock_.RunPosted();
      continue;
    }
    const auto next = clock_.NextTimer();
    if (!next || count > kPatience) throw Violation("it does not come to rest:\n" + machine_->Describe());
    clock_.Advance(*next);
    Check();
  }
  auto queued = machine_->Queued();
  queued.merge(InDrop());
  world_.CheckAll(queued);
}

}  // namespace simulate
