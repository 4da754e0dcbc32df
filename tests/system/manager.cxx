// SPDX-License-Identifier: BSD-2-Clause
#include "manager.hxx"

#include "deadline.hxx"

#include <fmt/format.h>
#include <systemd/sd-bus.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace machine {

namespace {

constexpr const char* kInterface = "org.freedesktop.systemd1.Manager";

// More than TimeoutStopSec= of any unit.
constexpr std::chrono::seconds kEnough{60};

// systemd's own socket: it tells of every job there without being asked to.
constexpr const char* kAddress = "unix:path=/run/systemd/private";

int Check(int result, const std::string& what) {
  if (result < 0) throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(-result)));
  return result;
}

}  // namespace

void Manager::Unref::operator()(sd_bus* bus) const {
  ::sd_bus_flush_close_unref(bus);
}

void Manager::Unref::operator()(sd_bus_message* message) const {
  ::sd_bus_message_unref(message);
}

Manager::Manager() {
  sd_bus* bus = nullptr;
  Check(::sd_bus_new(&bus), "Failed to make a bus");
  bus_.reset(bus);
  Check(::sd_bus_set_address(bus, kAddress), "Failed to set the address of systemd");
  Check(::sd_bus_start(bus), "Failed to connect to systemd");
}

Manager::~Manager() = default;

void Manager::Start(const std::vector<std::string>& units) {
  const auto results = RunJobs("StartUnit", units);
  for (const auto& unit : units) {
    const auto found = results.find(unit);
    const auto result = found == results.end() ? "there is no such unit" : found->second;
    if (result != "done") throw std::runtime_error(fmt::format("Failed to start {}: {}", unit, result));
  }
}

void Manager::Stop(const std::vector<std::string>& units) {
  (void)RunJobs("StopUnit", units);
}

void Manager::TryReload(const std::string& unit) {
  (void)RunJobs("ReloadOrTryRestartUnit", {unit});
}

void Manager::ResetFailed() {
  (void)Call("ResetFailed", {});
}

std::map<std::string, std::string> Manager::States(const std::string& pattern) {
  sd_bus_message* reply = nullptr;
  Check(::sd_bus_call_method(bus_.get(), nullptr, "/org/freedesktop/systemd1", kInterface,
                             "ListUnitsByPatterns", nullptr, &reply, "asas", 0, 1, pattern.c_str()),
        "Failed to list units");
  const Message message(reply);
  const char *name = nullptr, *state = nullptr;
  std::map<std::string, std::string> states;
  Check(::sd_bus_message_enter_container(reply, 'a', "(ssssssouso)"), "Failed to read a list of units");
  while (Check(::sd_bus_message_read(reply, "(ssssssouso)", &name, nullptr, nullptr, &state, nullptr, nullptr,
                                     nullptr, nullptr, nullptr, nullptr),
               "Failed to read a list of units"))
    states[name] = state;
  return states;
}

// No answer if there is no such unit.
Manager::Message Manager::Call(const char* method, const std::vector<std::string>& arguments) {
  sd_bus_message *call = nullptr, *reply = nullptr;
  const auto what = fmt::format("Failed to call {} {}", method, fmt::join(arguments, " "));
  Check(::sd_bus_message_new_method_call(bus_.get(), &call, nullptr, "/org/freedesktop/systemd1", kInterface,
                                         method),
        what);
  const Message owner(call);
  for (const auto& argument : arguments) Check(::sd_bus_message_append(call, "s", argument.c_str()), what);
  sd_bus_error error{};
  const int result = ::sd_bus_call(bus_.get(), call, 0, &error, &reply);
  const bool is_missing = ::sd_bus_error_has_name(&error, "org.freedesktop.systemd1.NoSuchUnit");
  ::sd_bus_error_free(&error);
  if (is_missing) return nullptr;
  Check(result, what);
  return Message(reply);
}

// What came of the jobs of the units that are there.
std::map<std::string, std::string> Manager::RunJobs(const char* method,
                                                    const std::vector<std::string>& units) {
  std::map<std::string, std::string> jobs, results;
  for (const auto& unit : units) {
    const auto reply = Call(method, {unit, "replace"});
    const char* job = nullptr;
    if (reply) Check(::sd_bus_message_read(reply.get(), "o", &job), "Failed to read the name of a job");
    if (job) jobs[job] = unit;
  }
  const Deadline deadline(kEnough);
  while (!jobs.empty()) {
    const auto signal = Next(deadline);
    const char *job = nullptr, *result = nullptr;
    if (!::sd_bus_message_is_signal(signal.get(), kInterface, "JobRemoved")) continue;
    Check(::sd_bus_message_read(signal.get(), "uoss", nullptr, &job, nullptr, &result),
          "Failed to read what came of a job");
    const auto found = jobs.find(job);
    if (found == jobs.end()) continue;
    results[found->second] = result;
    jobs.erase(found);
  }
  return results;
}

Manager::Message Manager::Next(const Deadline& deadline) {
  for (;;) {
    sd_bus_message* message = nullptr;
    const int processed = Check(::sd_bus_process(bus_.get(), &message), "Failed to read from systemd");
    if (message) return Message(message);
    if (processed) continue;
    if (deadline.HasPassed()) throw std::runtime_error("systemd has not done what it was asked to");
    const auto microseconds = std::uint64_t{1000} * static_cast<std::uint64_t>(deadline.Milliseconds());
    Check(::sd_bus_wait(bus_.get(), microseconds), "Failed to wait for systemd");
  }
}

}  // namespace machine
