// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/execution.hxx"

#include "base/error.hxx"
#include "local/letter.hxx"
#include "local/message_file.hxx"
#include "programs/command/environment.hxx"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace command {

namespace {

std::vector<char*> PointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

void Place(FdRef fd, int number) {
  if (::dup2(fd.Get(), number) < 0) ThrowErrno("Failed to set up the command's descriptors");
}

// None of the other descriptors is one of these: 0 to 2 are never free.
void PlaceDescriptors(FdRef input, FdRef output) {
  UniqueFd nothing;
  if (output.Get() < 0) nothing = UniqueFd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const FdRef target = output.Get() < 0 ? nothing.Ref() : output;
  if (target.Get() < 0) ThrowErrno("Failed to open /dev/null");
  Place(input, STDIN_FILENO);
  Place(target, STDOUT_FILENO);
  Place(target, STDERR_FILENO);
  if (::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
    ThrowErrno("Failed to keep descriptors from the command");
}

void ResetSignals() {
  for (int number = 1; number < NSIG; ++number)
    if (number != SIGKILL && number != SIGSTOP) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void EnterHome(const User& user) {
  if (::chdir(user.home.c_str()) < 0 && ::chdir("/") < 0) ThrowErrno("Failed to enter", "/");
}

}  // namespace

mail::DeliveryResult Execute(const CommandLine& command, const courier::Request& request, FdRef message,
                             FdRef output, const User& user) {
  const local::Letter letter{request.envelope, message,           request.helo,          request.again,
                             request.head,     request.extension, !request.alias.empty()};
  auto environment = MakeEnvironment(request, user);
  auto words = command.words;
  const UniqueFd input =
      local::MakeMessageFile(local::MakeSeparator(request.envelope) + local::MakeHead(letter, user), letter);
  EnterHome(user);
  ::umask(0077);
  PlaceDescriptors(input, output);
  ResetSignals();
  ::execve(command.executable.c_str(), PointersTo(words).data(), PointersTo(environment).data());
  const int code = errno;
  return mail::Deferred("4.3.5", NameOfCommand(request.destination) +
                                     " can't be started: " + std::generic_category().message(code));
}

}  // namespace command
