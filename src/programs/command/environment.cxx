// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/environment.hxx"

#include "local/letter.hxx"
#include "local/shell.hxx"
#include "programs/command/command_line.hxx"

#include <string_view>

namespace command {

namespace {

// The address that the copy is for: the last one that it was sent on from, if that is an alias.
std::string RecipientOf(const courier::Request& request, const User& user) {
  static constexpr std::string_view kField = "Delivered-To: ";
  const std::string_view head = request.head;
  if (request.alias.empty() || !head.starts_with(kField)) return local::DeliveredTo(user, request.helo);
  return local::OneLine(head.substr(kField.size(), head.find('\n') - kField.size()));
}

}  // namespace

std::vector<std::string> MakeEnvironment(const courier::Request& request, const User& user) {
  const auto& envelope = request.envelope;
  return {"HOME=" + user.home,
          "USER=" + user.name,
          "LOGNAME=" + user.name,
          "SHELL=" + local::ShellOf(user),
          "PATH=" + std::string(kPath),
          "LANG=C.UTF-8",
          "SENDER=" + local::OneLine(envelope.sender),
          "RECIPIENT=" + RecipientOf(request, user),
          "ORIGINAL_RECIPIENT=" + local::OneLine(envelope.recipients.front().address),
          "EXTENSION=" + local::OneLine(request.extension),
          "DOMAIN=" + local::OneLine(request.helo)};
}

}  // namespace command
