// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/command_line.hxx"

#include "base/text.hxx"
#include "mail/destination.hxx"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace command {

namespace {

std::vector<std::string> WordsOf(std::string_view destination) {
  return destination.starts_with('|') ? mail::SplitCommand(destination.substr(1))
                                      : std::vector<std::string>();
}

/// @return 0 if it can be run, else an errno value
int CheckExecutable(const std::string& path) noexcept {
  struct stat status;
  if (::stat(path.c_str(), &status) < 0) return errno;
  if (!S_ISREG(status.st_mode)) return EACCES;
  return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

// Like execvp(3): a file that can't be run is skipped if a later directory has one.
int Search(const std::string& name, std::string& path) {
  int error = ENOENT;
  for (const auto& directory : SplitList(kPath, ":")) {
    path = directory;
    path.append("/").append(name);
    const int code = CheckExecutable(path);
    if (code == 0) return 0;
    if (code != ENOENT && code != ENOTDIR) error = code;
  }
  return error;
}

mail::DeliveryResult CanNotRun(std::string_view destination, const std::string& why) {
  return mail::Deferred("4.3.5", NameOfCommand(destination) + " can't be started: " + why);
}

}  // namespace

std::string NameOfCommand(std::string_view destination) {
  const auto words = WordsOf(destination);
  return "command " + Quote(words.empty() ? destination : std::string_view(words[0]));
}

std::variant<CommandLine, mail::DeliveryResult> FindCommand(std::string_view destination) {
  CommandLine command{{}, WordsOf(destination)};
  if (command.words.empty() || command.words[0].empty())
    return CanNotRun(destination, "the line is empty, or a quote or brace in it is not closed");
  const auto& name = command.words[0];
  command.executable = name;
  const int error = name.find('/') == name.npos ? Search(name, command.executable) : CheckExecutable(name);
  if (error) return CanNotRun(destination, std::generic_category().message(error));
  return command;
}

}  // namespace command
