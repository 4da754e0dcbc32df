// SPDX-License-Identifier: BSD-2-Clause
// mailqueue-fuzz --target=NAME OPTION...: one target with libFuzzer, whose options it takes. --list prints
// their names.
#include "target.hxx"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr std::string_view kTarget = "--target=";

const fuzz::Target* chosen = nullptr;

[[noreturn]] void List() {
  for (const auto& target : fuzz::Targets()) std::puts(std::string(target.name).c_str());
  std::exit(0);
}

}  // namespace

// libFuzzer calls both by these names, and leaves options alone that begin with two dashes.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (const std::string_view word : std::span(*argv, static_cast<std::size_t>(*argc))) {
    if (word == "--list") List();
    if (!word.starts_with(kTarget)) continue;
    const auto targets = fuzz::Targets();
    const auto found = std::ranges::find(targets, word.substr(kTarget.size()), &fuzz::Target::name);
    if (found != targets.end()) chosen = &*found;
  }
  if (chosen) return 0;
  std::fputs("usage: mailqueue-fuzz --target=NAME OPTION...\n", stderr);
  std::exit(64);
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
