// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "events.hxx"
#include "mailbox.hxx"
#include "process.hxx"
#include "queue.hxx"
#include "receiver.hxx"

#include <gtest/gtest.h>

#include <string>
#include <vector>

/// Each test begins with an empty queue, empty mailboxes and nothing running but the units that wait, and
/// ends with those units still waiting. The tests run as root on a machine with the users alice, bob and
/// carol.
class SystemTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
};

namespace machine {

/// Calls sendmail as @p user. It must exit 0 and say nothing.
void Send(const std::string& user, const std::vector<std::string>& arguments, const std::string& message);

/// There is one message, and it has been tried.
[[nodiscard]] bool IsTried();

/// Why the only recipient of the only message was deferred, "4.2.2 TEXT"; empty until then.
[[nodiscard]] std::string Deferral();

/// Has all mail tried until nothing is left: the relay holds what it has just found out, for as long as that
/// took, against whoever asks again. @return false if the time was not enough
[[nodiscard]] bool FlushAll();

/// Words that run a program in a service that may write nowhere and gain nothing.
[[nodiscard]] std::vector<std::string> InSandbox(const std::vector<std::string>& words);

/// A configuration with this relay and quick retries.
[[nodiscard]] std::string RelayTo(const std::string& url);

}  // namespace machine
