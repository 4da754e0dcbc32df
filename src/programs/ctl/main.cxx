// SPDX-License-Identifier: BSD-2-Clause
// mailqueuectl: the queue, as a person asks for it; mailq(1) and sendmail -q execute it too.
//
// Runs as whoever called it, with no privilege of its own. It may talk to org.mailqueue.Queue1 on the system
// bus, which knows the caller's uid and decides what they may see and do, read the configuration and the
// aliases, and write to standard output; for `setup`, which root calls, write a credential and a drop-in of
// the configuration, or for a user the like in their home, and ask the DNS. It must never read the spool, and
// never write a stranger's control characters to a terminal.

#include "base/name_services.hxx"
#include "base/text.hxx"
#include "base/user.hxx"
#include "bus/queue_client.hxx"
#include "config/settings.hxx"
#include "paths.h"
#include "programs/ctl/alias_report.hxx"
#include "programs/ctl/command.hxx"
#include "programs/ctl/format.hxx"
#include "programs/ctl/queue_view.hxx"

#include <fmt/format.h>

#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>

namespace {

using ctl::Command;

int Complain(int status, const std::string& text) {
  fmt::print(stderr, "mailqueuectl: {}\n", ctl::Escape(text));
  return status;
}

int Print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return EX_OK;
  return Complain(EX_IOERR, fmt::format("Failed to write to standard output: {}", std::strerror(errno)));
}

std::string Format(const ctl::Messages& messages, std::size_t length, Command::Format format) {
  switch (format) {
    case Command::Format::Mailq:
      return ctl::FormatMailq(messages, length);
    case Command::Format::Json:
      return ctl::FormatJson(messages);
    case Command::Format::Table:
      break;
  }
  return ctl::FormatTable(messages, length);
}

ctl::QueueView ViewOf(const config::Settings& settings) {
  return {settings, [](const std::string& name) { return ::FindUser(name); }};
}

// What the runner can't tell: it can't read the file, or has had no mail yet that needs it.
std::vector<std::string> FindFaultsOfMachine() {
  const auto settings = config::Load(MAILQUEUE_CONFDIR).settings;
  const auto view = ViewOf(settings);
  auto faults = view.FindHiddenFiles(MAILQUEUE_CONFDIR);
  const auto aliases = view.FindHiddenAliases();
  faults.insert(faults.end(), aliases.begin(), aliases.end());
  if (auto root = view.FindReaderlessRoot(); !root.empty()) faults.push_back(std::move(root));
  return faults;
}

int PrintStatus(bus::QueueClient& queue) {
  const unsigned length = queue.Length();
  auto text = fmt::format("{} message{} in the queue.\n", length, length == 1 ? "" : "s");
  for (const auto& warning : queue.Warnings()) text += ctl::Escape(warning) + "\n";
  for (const auto& fault : FindFaultsOfMachine()) text += ctl::Escape(fault) + "\n";
  return Print(text);
}

// Also prints warnings: they may be the reason, or become one.
int PrintList(bus::QueueClient& queue, Command::Format format) {
  const auto messages = queue.List();
  auto text = Format(messages, queue.Length(), format);
  if (format == Command::Format::Table)
    for (const auto& warning : queue.Warnings()) text += ctl::Escape(warning) + "\n";
  return Print(text);
}

int CheckAliases(bool only_warns) {
  const auto settings = config::Load(MAILQUEUE_CONFDIR).settings;
  auto report = ctl::ReportOnAliases(settings.local.aliases);
  auto hidden = ViewOf(settings).FindHiddenAliases();
  report.is_read = report.is_read && hidden.empty();  // by the queue, which is what matters
  std::ranges::move(hidden, std::back_inserter(report.faults));
  for (const auto& fault : report.faults) fmt::print(stderr, "{}\n", ctl::Escape(fault));
  if (!report.faults.empty()) return only_warns && report.is_read ? EX_OK : EX_CONFIG;
  return only_warns ? EX_OK : Print(ctl::Escape(report.summary) + "\n");
}

// The sender whose mail it would be: the same as of sendmail without -f.
std::string CallersName() {
  const auto user = FindUser(::getuid());
  return user ? user->name : "uid" + std::to_string(::getuid());
}

// As sendmail -bv tells callers: an address that nobody answers to is no success.
int PrintRoute(bus::QueueClient& queue, const Command& command) {
  const auto lines = queue.Route(command.sender.value_or(CallersName()), command.operands);
  const int status = Print(ctl::FormatRoute(lines));
  const bool failed = std::ranges::count(lines, "failed", &bus::RouteLine::state) > 0;
  return status == EX_OK && failed ? EX_NOUSER : status;
}

// The first relay that takes no mail decides the exit status.
int TestRelay(bus::QueueClient& queue, const std::string& name) {
  const auto reports = queue.TestRelay(name);
  const int status = Print(ctl::FormatReports(reports));
  const auto bad = std::ranges::find_if(reports, [](const auto& r) { return !r.status.starts_with('2'); });
  if (status != EX_OK || bad == reports.end()) return status;
  if (bad->status == "4.7.8") return EX_NOPERM;
  return bad->status == "4.3.5" ? EX_CONFIG : EX_TEMPFAIL;
}

// A message that has left the queue meanwhile must not stop the others.
int Flush(bus::QueueClient& queue, const std::vector<std::string>& ids) {
  if (ids.empty()) queue.Flush();
  int status = EX_OK;
  for (const auto& id : ids) try {
      queue.FlushMessage(id);
    } catch (const bus::Error& error) {
      if (error.Name() != bus::kNoSuchMessage) throw;
      status = Complain(EX_DATAERR, error.what());
    }
  return status;
}

// Only root tests a login. A user sees instead where mail is sent.
int SetUpAndShow(const ctl::SetupOptions& options) {
  ctl::SetUpForUser(options);
  std::fflush(stdout);
  bus::QueueClient queue;
  return PrintRoute(queue,
                    {.verb = Command::Verb::Route, .operands = {options.address}, .sender = options.address});
}

int SetUpAndTest(const ctl::SetupOptions& options) try {
  if (options.user) return SetUpAndShow(options);
  const auto section = ctl::SetUp(options);
  std::fflush(stdout);
  bus::QueueClient queue;
  return TestRelay(queue, section);
} catch (const ctl::SetupError& error) {
  return Complain(error.Status(), error.Text());
}

int RunOnQueue(const Command& command) {
  bus::QueueClient queue;
  switch (command.verb) {
    case Command::Verb::Flush:
      return Flush(queue, command.operands);
    case Command::Verb::Route:
      return PrintRoute(queue, command);
    case Command::Verb::TestRelay:
      return TestRelay(queue, command.operands.size() > 1 ? command.operands[1] : std::string());
    case Command::Verb::Status:
      return PrintStatus(queue);
    default:
      return PrintList(queue, command.format);
  }
}

int Run(const Command& command) {
  switch (command.verb) {
    case Command::Verb::Bad:
      return Complain(EX_USAGE, command.error);
    case Command::Verb::Help:
      return Print(ctl::kHelp);
    case Command::Verb::Version:
      return Print("mailqueuectl " MAILQUEUE_VERSION "\n");
    case Command::Verb::CheckAliases:
      return CheckAliases(command.only_warns);
    case Command::Verb::SetUp:
      return SetUpAndTest(command.setup);
    default:
      return RunOnQueue(command);
  }
}

// Separates errors that may pass soon from those that will not.
int StatusOf(const bus::Error& error) {
  static constexpr std::string_view kAgain[] = {"NoReply", "Timeout", "TimedOut", "LimitsExceeded",
                                                "Disconnected"};
  const std::string_view name = error.Name();
  const auto last = name.substr(name.rfind('.') + 1);
  if (last == "AccessDenied") return EX_NOPERM;
  if (name == bus::kNoSuchRelay) return EX_CONFIG;
  return std::ranges::count(kAgain, last) > 0 || name.starts_with("org.mailqueue.") ? EX_TEMPFAIL
                                                                                    : EX_UNAVAILABLE;
}

}  // namespace

int main(int argc, char** argv) try {
  name_services::StopAtOutages();
  const std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
  return Run(ctl::ParseCommand(words.subspan(std::min<std::size_t>(words.size(), 1))));
} catch (const bus::Error& error) {
  const bool answered = error.Name().starts_with("org.mailqueue.");
  return Complain(StatusOf(error),
                  fmt::format("{}{}", answered ? "" : "The mail queue can't be reached: ", error.what()));
} catch (const std::exception& error) {
  return Complain(EX_SOFTWARE, error.what());
}
