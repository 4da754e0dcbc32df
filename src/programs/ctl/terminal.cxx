// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/terminal.hxx"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <termios.h>

namespace ctl {

namespace {

// Turns off the echo for as long as it lives.
class Silence {
 public:
  Silence() noexcept : active_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!active_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Silence() {
    if (!active_) return;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    std::fputs("\n", stdout);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
  bool active_;
};

// Octet by octet, so that nothing after the line is read.
std::string ReadLine() {
  std::string line;
  for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1;) {
    if (c == '\n') return line;
    if (line.size() == Terminal::kMaxLine) throw std::runtime_error("The line on standard input is too long");
    line += c;
  }
  if (line.empty()) throw std::runtime_error("Standard input has ended");
  return line;
}

}  // namespace

bool Terminal::IsThere() noexcept {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

std::string Terminal::Ask(const std::string& question) {
  if (IsThere()) fmt::print("{}", question);
  std::fflush(stdout);
  return ReadLine();
}

std::string Terminal::AskSecret(const std::string& question) {
  const Silence silence;
  return Ask(question);
}

bool Terminal::Confirm(const std::string& question) {
  if (!IsThere()) return false;
  const auto answer = Ask(question + " [y/N] ");
  return answer.starts_with('y') || answer.starts_with('Y');
}

}  // namespace ctl
