// SPDX-License-Identifier: BSD-2-Clause
// mailqueue-launcher: asks systemd to start delivery agents and commands as the recipients of mail.
//
// Runs as root, without any capability, in mailqueue-launcher.service, started by mailqueue-launcher.socket;
// exits when nobody has been connected for a while.
// May: ask systemd over D-Bus for a unit of a fixed kind (launcher.cxx) on behalf of the runner or root. Must
// never: let a request choose a command line, a file or anything of the sandbox; look at mail; touch files or
// the network. An attacker who can make it do more has root's power, so it must stay small enough to be
// read in a few minutes.
#include "base/name_services.hxx"
#include "bus/manager.hxx"
#include "programs/launcher/launcher.hxx"
#include "programs/launcher/server.hxx"
#include "sandbox/syscall_filter.hxx"
#include "service/activation.hxx"
#include "service/journal.hxx"
#include "service/notify.hxx"

#include <syslog.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <stdexcept>

namespace {

using namespace std::chrono_literals;

constexpr auto kLinger = 5s;
constexpr char kRunnersUser[] = "mailqueue";

// Milliseconds since boot: a launcher that is started later begins with a higher number.
std::uint64_t FirstNumber() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

void Run() {
  sandbox::Enter();
  const UniqueFd listener = service::PassedSockets().Take("launcher");
  if (!listener) throw std::runtime_error("There is no socket: start mailqueue-launcher.socket instead");
  name_services::StopAtOutages();
  const auto runner = FindUser(kRunnersUser);
  if (!runner) throw std::runtime_error(std::string("There is no user ") + kRunnersUser);
  bus::Manager manager;
  launcher::Launcher launcher(
      [&manager](const auto& unit, FdRef input) { return manager.StartTransientService(unit, input); },
      [&manager](const auto& unit) { manager.StartUnit(unit); }, [](uid_t uid) { return FindUser(uid); },
      FirstNumber());
  launcher::Server server(listener, launcher, runner->uid, kLinger);
  service::NotifyReady();
  server.Run();
  service::NotifyStopping();
}

}  // namespace

int main() {
  try {
    Run();
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    service::Log(LOG_ERR, error.what());
    return EXIT_FAILURE;
  }
}
