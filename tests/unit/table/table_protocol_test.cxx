// SPDX-License-Identifier: BSD-2-Clause
#include "table/table_protocol.hxx"

#include <gtest/gtest.h>

namespace protocol = table::protocol;
using protocol::Registration;

TEST(TableProtocol, ReadsRegistrations) {
  const struct {
    const char* line;
    Registration registration;
  } cases[] = {
      {"register|alias", Registration::Service},
      {"register|ready", Registration::Ready},
      {"register|userinfo", Registration::Other},
      {"register|alias|x", Registration::Other},
      {"register|", Registration::Bad},
      {"register", Registration::Bad},
      {"", Registration::Bad},
      {"registeralias", Registration::Bad},
      {"config|ready", Registration::Bad},
  };
  for (const auto& one : cases)
    EXPECT_EQ(protocol::ParseRegistration(one.line), one.registration) << one.line;
}

TEST(TableProtocol, ReadsReplies) {
  constexpr std::uint64_t kId = 0xabc;
  const auto value = [](const char* line) {
    const auto reply = protocol::ParseLookupReply(line, kId);
    const auto* const found = std::get_if<protocol::FoundValue>(&reply);
    return found ? found->value : "no value, but " + std::to_string(reply.index());
  };
  EXPECT_EQ(value("lookup-result|0000000000000abc|found|a, b|c"), "a, b|c");
  EXPECT_EQ(value("lookup-result|0000000000000abc|found||"), "|");
  EXPECT_EQ(value("lookup-result|0000000000000abc|not-found"), "no value, but 1");
  EXPECT_EQ(value("lookup-result|0000000000000abc|error|x"), "no value, but 2");
  EXPECT_EQ(value("lookup-result|0000000000000abc|not-found|x"), "no value, but 3");
  EXPECT_EQ(value("lookup-result|abc|found|a"), "no value, but 3");
  EXPECT_EQ(value("lookup-result|0000000000000abd|found|a"), "no value, but 3");
  EXPECT_EQ(value(" lookup-result|0000000000000abc|found|a"), "no value, but 3");
}
