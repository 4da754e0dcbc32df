// SPDX-License-Identifier: BSD-2-Clause
// mailqueue-bench: measures a sendmail, whoever made it. It runs as its caller, starts the command it is
// given, and reads the counters of mailqueue-sink. It prints numbers with tabs between them, for tools/bench.
#include "base/text.hxx"
#include "counter_file.hxx"
#include "senders.hxx"

#include <sysexits.h>

#include <cstdio>
#include <exception>

namespace {

constexpr char kUsage[] =
    "usage: mailqueue-bench submit PROCESSES CALLS INPUT COMMAND...\n"
    "         prints calls a second, and the median and the 99th percentile of a call in milliseconds\n"
    "       mailqueue-bench relay PROCESSES CALLS INPUT COUNTERS COMMAND...\n"
    "         prints the seconds until as many messages have arrived, and the connections they came over\n";

constexpr std::chrono::seconds kLimit{300};

bench::Plan MakePlan(char** words, char** command, char** end) {
  const auto processes = ParseNumber<std::size_t>(words[0]);
  const auto calls = ParseNumber<std::size_t>(words[1]);
  if (!processes || !calls || *processes == 0 || *calls == 0) throw std::invalid_argument(kUsage);
  return {*processes, *calls, words[2], {command, end}};
}

void MeasureSubmission(const bench::Plan& plan) {
  const auto measured = bench::Run(plan);
  const auto& calls = measured.calls;
  std::printf("%.0f\t%.2f\t%.2f\n", static_cast<double>(plan.calls) * 1000 / measured.total.count(),
              calls[calls.size() / 2].count(), calls[calls.size() * 99 / 100].count());
}

void MeasureRelay(const bench::Plan& plan, const std::string& counters) {
  const auto begin = std::chrono::steady_clock::now();
  (void)bench::Run(plan);
  bench::AwaitMessages(counters, plan.calls, kLimit);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%.2f\t%zu\n", seconds.count(), bench::ReadCounter(counters, "connections"));
}

int Run(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "submit" && argc > 5) {
    MeasureSubmission(MakePlan(argv + 2, argv + 5, argv + argc));
  } else if (what == "relay" && argc > 6) {
    MeasureRelay(MakePlan(argv + 2, argv + 6, argv + argc), argv[5]);
  } else {
    std::fputs(kUsage, stderr);
    return EX_USAGE;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mailqueue-bench: %s\n", error.what());
    return 1;
  }
}
