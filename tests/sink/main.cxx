// SPDX-License-Identifier: BSD-2-Clause
// mailqueue-sink: the other side of the relay in demonstrations, tests and measurements. It runs as whoever
// starts it, listens where it is told, keeps what it receives, and misbehaves by rules. It is installed
// nowhere and protects nobody: never let it face a network.
#include "options.hxx"
#include "server.hxx"

#include <fmt/core.h>

#include <csignal>
#include <exception>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    sink::Serve(sink::ParseOptions(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mailqueue-sink: {}\n", error.what());
    return 1;
  }
}
