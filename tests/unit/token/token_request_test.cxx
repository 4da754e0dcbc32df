// SPDX-License-Identifier: BSD-2-Clause
#include "programs/token/token_request.hxx"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

config::Settings MakeSettings() {
  config::Settings settings;
  settings.relay.common.options["TokenCommand"] = "/usr/bin/token --account me";
  config::RelaySection work;
  work.name = "work";
  work.options["TokenCommand"] = "/opt/oauth 'two words'";
  settings.relay.named.push_back(work);
  return settings;
}

TEST(TokenRequest, FindsTheCommandsOfAllSections) {
  const auto settings = MakeSettings();
  EXPECT_EQ(token::FindCommand(settings, "/usr/bin/token --account me"),
            (std::vector<std::string>{"/usr/bin/token", "--account", "me"}));
  EXPECT_EQ(token::FindCommand(settings, "/opt/oauth 'two words'"),
            (std::vector<std::string>{"/opt/oauth", "two words"}));
}

TEST(TokenRequest, KnowsNoOtherCommand) {
  const auto settings = MakeSettings();
  for (const std::string command : {"", "/usr/bin/token", "/usr/bin/token --account me ", "/bin/sh -c id"})
    EXPECT_THROW(static_cast<void>(token::FindCommand(settings, command)), std::runtime_error) << command;
  EXPECT_THROW(static_cast<void>(token::FindCommand({}, "")), std::runtime_error);
}

TEST(TokenRequest, IsReadToItsEndButNotBeyondItsLimit) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{11}, token::kMaxRequest, token::kMaxRequest + 1}) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    const std::string text(size, 'x');
    ASSERT_EQ(::write(theirs.Get(), text.data(), size), static_cast<ssize_t>(size));
    theirs = UniqueFd();
    if (size > token::kMaxRequest)
      EXPECT_THROW(static_cast<void>(token::ReadRequest(ours)), std::runtime_error);
    else
      EXPECT_EQ(token::ReadRequest(ours), text);
  }
}

}  // namespace
