// SPDX-License-Identifier: BSD-2-Clause
// mailqueue-bench: measures a sendmail, whoever made it. It runs as its caller, starts the command it is
// given, and reads the counters of mailqueue-sink or the mailboxes of a folder. It prints numbers with tabs
// between them, for tools/bench.
#include "base/text.hxx"
#include "counter_file.hxx"
#include "mailboxes.hxx"
#include "senders.hxx"

#include <sysexits.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <getopt.h>
#include <optional>
#include <stdexcept>

namespace {

constexpr char kUsage[] =
    "usage: mailqueue-bench [OPTION...] PROCESSES CALLS INPUT COMMAND...\n"
    "Runs COMMAND so many times, so many processes at once, each with the file INPUT as standard input. "
    "\"{}\" in\n"
    "COMMAND stands for the number of the call, from 1.\n"
    "  --recipients=N       of each call (default 1)\n"
    "  --received=COUNTERS  wait until mailqueue-sink has received the messages for all recipients\n"
    "  --delivered=FOLDER   wait until the mailboxes in FOLDER hold as many messages more: INPUT's last line "
    "is\n"
    "                       looked for\n"
    "  --limit=SECONDS      how long to wait at most (default 300)\n"
    "Prints calls a second, the median and the 99th percentile of a call in milliseconds, the seconds from "
    "the first\n"
    "call until all has arrived, and with --received the connections that were made and that were open at "
    "once.\n";

struct Options {
  std::size_t recipients = 1;
  std::string received;   ///< file of counters; empty: nobody waits for it
  std::string delivered;  ///< folder of mailboxes; empty: nobody waits for it
  std::chrono::seconds limit{300};
  bench::Plan plan;
};

[[noreturn]] void ThrowUsage() {
  throw std::invalid_argument(kUsage);
}

std::size_t Number(const char* text) {
  const auto number = ParseNumber<std::size_t>(text);
  if (!number || *number == 0) ThrowUsage();
  return *number;
}

enum Option { Recipients, Received, Delivered, Limit };

constexpr option kOptions[] = {
    {"recipients", required_argument, nullptr, Recipients},
    {"received", required_argument, nullptr, Received},
    {"delivered", required_argument, nullptr, Delivered},
    {"limit", required_argument, nullptr, Limit},
    {nullptr, 0, nullptr, 0},
};

void Set(Options& options, int option, const char* value) {
  switch (option) {
    case Recipients:
      options.recipients = Number(value);
      return;
    case Received:
      options.received = value;
      return;
    case Delivered:
      options.delivered = value;
      return;
    case Limit:
      options.limit = std::chrono::seconds(Number(value));
      return;
    default:
      ThrowUsage();
  }
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  // "+": what looks like an option behind COMMAND is COMMAND's.
  for (int option; (option = ::getopt_long(argc, argv, "+", kOptions, nullptr)) != -1;)
    Set(options, option, optarg);
  if (argc - optind < 4) ThrowUsage();
  options.plan.processes = Number(argv[optind]);
  options.plan.calls = Number(argv[optind + 1]);
  options.plan.input = argv[optind + 2];
  options.plan.command.assign(argv + optind + 3, argv + argc);
  return options;
}

std::string LastLineOf(const std::string& file) {
  std::ifstream stream(file);
  std::string last;
  for (std::string line; std::getline(stream, line);) last = line;
  if (last.empty()) throw std::runtime_error("No last line in " + file);
  return last;
}

void Print(const bench::Measured& measured) {
  const auto& calls = measured.calls;
  const auto count = static_cast<double>(calls.size());
  std::printf("%.1f\t%.2f\t%.2f", count * 1000 / measured.total.count(), calls[calls.size() / 2].count(),
              calls[calls.size() * 99 / 100].count());
}

void Run(const Options& options) {
  const auto& plan = options.plan;
  std::optional<bench::Mailboxes> mailboxes;
  if (!options.delivered.empty()) mailboxes.emplace(options.delivered, LastLineOf(plan.input));
  const auto begin = bench::Clock::now();
  const auto measured = bench::Run(plan);
  const auto expected = plan.calls * options.recipients;
  const auto deadline = bench::Clock::now() + options.limit;
  if (mailboxes) mailboxes->Await(expected, deadline);
  if (!options.received.empty()) bench::AwaitCounter(options.received, "recipients", expected, deadline);
  const std::chrono::duration<double> seconds = bench::Clock::now() - begin;
  Print(measured);
  std::printf("\t%.2f", seconds.count());
  if (!options.received.empty())
    std::printf("\t%zu\t%zu", bench::ReadCounter(options.received, "connections"),
                bench::ReadCounter(options.received, "peak"));
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Run(ParseOptions(argc, argv));
    return 0;
  } catch (const std::invalid_argument& usage) {
    std::fputs(usage.what(), stderr);
    return EX_USAGE;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mailqueue-bench: %s\n", error.what());
    return 1;
  }
}
