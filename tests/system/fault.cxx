// SPDX-License-Identifier: BSD-2-Clause
#include "fault.hxx"

#include "events.hxx"
#include "mailbox.hxx"

#include <fmt/format.h>

#include <csignal>
#include <filesystem>

namespace machine {

namespace {

const std::string kDirectory = "/run/faults";
const std::string kTrace = kDirectory + "/trace";
const std::string kMessages = kDirectory + "/messages";

std::vector<std::string> Tracer(const Fault& fault) {
  const auto effect = fault.error == "0" ? "retval=0" : "error=" + fault.error;
  std::vector<std::string> words = {
      "strace", "-f",
      "-o",     kTrace,
      "-e",     "trace=" + fault.call + (fault.beside.empty() ? "" : ",") + fault.beside,
      "-e",     "signal=none",
      "-e",     fmt::format("inject={}:{}:when={}", fault.call, effect, fault.when)};
  if (!fault.beside.empty())
    words.insert(words.end(), {"-e", fmt::format("inject={}:error=EIO", fault.beside)});
  if (!fault.path.empty()) words.insert(words.end(), {"-P", fault.path});
  return words;
}

void Clear() {
  std::filesystem::create_directories(kDirectory);
  for (const auto& entry : std::filesystem::directory_iterator(kDirectory))
    std::filesystem::remove(entry.path());
}

}  // namespace

std::string NameOf(const Fault& fault) {
  const auto when = fault.when == "1+"    ? "always"
                    : fault.when == "2+3" ? "every_third"
                                          : "call_" + fault.when;
  auto name = fmt::format("{}_{}_{}_{}", fault.program, fault.call,
                          fault.error == "0" ? "nothing" : fault.error, when);
  if (!fault.path.empty()) name += "_in_" + std::filesystem::path(fault.path).filename().string();
  if (!fault.beside.empty()) name += "_beside_" + fault.beside;
  return name;
}

std::vector<std::string> WithFault(const Fault& fault, const std::string& user,
                                   const std::vector<std::string>& words) {
  Clear();
  auto all = Tracer(fault);
  all.insert(all.end(), {"-u", user, "--"});
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

std::size_t Injections() {
  const auto trace = TextOf(kTrace);
  std::size_t number = 0;
  for (auto at = trace.find("(INJECTED)"); at != trace.npos; at = trace.find("(INJECTED)", at + 1)) ++number;
  return number;
}

bool WaitForInjection() {
  return WaitUntil([] { return Injections() > 0; }, kSoon, {kDirectory});
}

Injection::Injection(const Fault& fault, pid_t process) {
  Clear();
  auto words = Tracer(fault);
  words.insert(words.end(), {"-p", std::to_string(process)});
  tracer_ = std::make_unique<Child>(
      Command{.words = {"sh", "-c", fmt::format("exec {} 2>{}", fmt::join(words, " "), kMessages)}});
  // It says so of each process, or that there is none.
  const auto said = [] { return TextOf(kMessages).ends_with('\n'); };
  tracing_ = WaitUntil(said, kSoon, {kDirectory}) && TextOf(kMessages).find(" attached") != std::string::npos;
}

Injection::~Injection() {
  tracer_->Kill(SIGINT);
  (void)tracer_->Wait();
}

}  // namespace machine
