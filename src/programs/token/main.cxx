// SPDX-License-Identifier: BSD-2-Clause
// mailqueue-token: gets an access token for mailqueue-relay, by becoming the command that prints it.
//
// Runs as mailqueue-token in mailqueue-token@.service, one instance a connection of mailqueue-token.socket,
// which only the relay can reach. Standard input and output are that connection: the relay sends the command,
// and gets what it prints. May: run a command that is a TokenCommand= of the configuration, use the
// network. Must never: run any other, or a shell to split it; see mail.
#include "base/error.hxx"
#include "base/fd.hxx"
#include "config/settings.hxx"
#include "paths.h"
#include "programs/token/token_request.hxx"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

// Its standard output is the relay, its standard error the journal.
[[noreturn]] void Become(std::vector<std::string> words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing || ::dup2(nothing.Get(), STDIN_FILENO) < 0) ThrowErrno("Failed to open", "/dev/null");
  ::execv(argv[0], argv.data());
  ThrowErrno("Failed to run", words[0]);
}

}  // namespace

int main() {
  try {
    const auto command = token::ReadRequest(FdRef(STDIN_FILENO));
    Become(token::FindCommand(config::Load(MAILQUEUE_CONFDIR).settings, command));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "<3>%s\n", error.what());  // sd-daemon(3): LOG_ERR
    return EX_CONFIG;
  }
}
