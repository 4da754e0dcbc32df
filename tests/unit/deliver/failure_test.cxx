// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/failure.hxx"

#include "base/error.hxx"

#include <gtest/gtest.h>

#include <cerrno>

namespace {

TEST(DeferredBy, SaysWhatKindOfFault) {
  const std::pair<int, const char*> kCases[] = {{EDQUOT, "4.2.2"}, {EFBIG, "4.2.2"},  {ENOSPC, "4.3.1"},
                                                {EIO, "4.3.0"},    {EACCES, "4.2.0"}, {EROFS, "4.2.0"}};
  for (const auto& [code, status] : kCases) {
    const auto result = deliver::DeferredBy(MakeErrno(code, "Failed to write"), "/var/mail/alice");
    EXPECT_EQ(result.outcome, mail::Outcome::Deferred) << code;
    EXPECT_EQ(result.status, status) << code;
    EXPECT_TRUE(result.text.starts_with("Mailbox '/var/mail/alice': Failed to write: ")) << result.text;
  }
}

}  // namespace
