// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/environment.hxx"

#include "local/letter.hxx"
#include "local/shell.hxx"
#include "programs/command/command_line.hxx"

namespace command {

std::vector<std::string> MakeEnvironment(const courier::Request& request, const User& user) {
  const auto& envelope = request.envelope;
  return {"HOME=" + user.home,
          "USER=" + user.name,
          "LOGNAME=" + user.name,
          "SHELL=" + local::ShellOf(user),
          "PATH=" + std::string(kPath),
          "LANG=C.UTF-8",
          "SENDER=" + local::OneLine(envelope.sender),
          "RECIPIENT=" + local::DeliveredTo(user, request.helo),
          "ORIGINAL_RECIPIENT=" + local::OneLine(envelope.recipients.front().address),
          "EXTENSION=" + local::OneLine(request.extension),
          "DOMAIN=" + local::OneLine(request.helo)};
}

}  // namespace command
