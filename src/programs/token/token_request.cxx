// SPDX-License-Identifier: BSD-2-Clause
#include "programs/token/token_request.hxx"

#include "base/error.hxx"
#include "base/text.hxx"
#include "mail/destination.hxx"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

namespace token {

std::string ReadRequest(FdRef peer) {
  std::string request;
  std::array<char, 1024> block;
  for (;;) {
    const auto size = ::read(peer.Get(), block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) ThrowErrno("Failed to read the request");
    if (size == 0) return request;
    request.append(block.data(), static_cast<std::size_t>(size));
    if (request.size() > kMaxRequest) throw std::runtime_error("The request is too long");
  }
}

std::vector<std::string> FindCommand(const config::Settings& settings, std::string_view command) {
  const auto has_it = [&](const config::RelaySection& section) {
    const auto found = section.options.find("TokenCommand");
    return found != section.options.end() && found->second == command;
  };
  const bool is_known = has_it(settings.relay.common) || std::ranges::any_of(settings.relay.named, has_it);
  if (!is_known)
    throw std::runtime_error("No [Relay] or [Relay.NAME] of mailqueue.conf has TokenCommand=" +
                             Quote(command));
  auto words = mail::SplitCommand(command);
  if (words.empty()) throw std::runtime_error("There are no words in TokenCommand=" + Quote(command));
  return words;
}

}  // namespace token
