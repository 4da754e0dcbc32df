// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/format.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <time.h>

#include <cstdlib>

using testing::HasSubstr;
using testing::Not;

namespace {

class Format : public testing::Test {
 protected:
  Format() {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
  }
};

bus::MessageStatus MakeMessage() {
  return {.id = "06A1B2C3D4E5F6G7",
          .created = mail::FromMicroseconds(1'732'356'000'500'000),
          .size = 1234,
          .sender = "alice@example.org",
          .submitter = 1000,
          .attempts = 3,
          .next_attempt = mail::FromMicroseconds(1'732'356'600'000'000),
          .state = "deferred",
          .open_recipients = 2,
          .recipients = {{"bob@example.org", "deferred", "4.4.1", "connection refused"},
                         {"carol@example.org", "waiting", "", ""}}};
}

}  // namespace

TEST_F(Format, EmptyQueue) {
  EXPECT_EQ(ctl::FormatTable({}, 0), "No mail is waiting.\n");
  EXPECT_EQ(ctl::FormatMailq({}, 0), "Mail queue is empty\n");
  EXPECT_EQ(ctl::FormatJson({}), "");
}

TEST_F(Format, TableTellsReasons) {
  EXPECT_EQ(
      ctl::FormatTable({MakeMessage()}, 1),
      "ID                SUBMITTED           SIZE  SENDER, STATE\n"
      "06A1B2C3D4E5F6G7  2024-11-23 10:00    1.2K  <alice@example.org> deferred (3 attempts, next 2024-11-23 "
      "10:10:00)\n"
      "    bob@example.org: 4.4.1 connection refused\n"
      "    carol@example.org\n"
      "1 message.\n");
}

TEST_F(Format, TableTellsWhatIsNotListed) {
  auto message = MakeMessage();
  message.open_recipients = 1000;
  message.state = "active";
  message.sender = "";
  const auto text = ctl::FormatTable({message, message}, 2);
  EXPECT_THAT(text, HasSubstr("    (and 998 more recipients)\n"));
  EXPECT_THAT(text, HasSubstr("  <> active\n"));
  EXPECT_THAT(text, HasSubstr("\n2 messages.\n"));
}

TEST_F(Format, SizesAreShort) {
  const struct {
    std::uint64_t size;
    const char* text;
  } cases[] = {{0, "    0B"},       {1023, " 1023B"},    {1024, "  1.0K"},     {10240, "   10K"},
               {1048575, " 1024K"}, {1048576, "  1.0M"}, {26214400, " 25.0M"}, {2147483648, "2048.0M"}};
  for (const auto& c : cases) {
    auto message = MakeMessage();
    message.size = c.size;
    EXPECT_THAT(ctl::FormatTable({message}, 1), HasSubstr(std::string("10:00  ") + c.text + "  <")) << c.size;
  }
}

TEST_F(Format, MailqIsPostfixs) {
  EXPECT_EQ(ctl::FormatMailq({MakeMessage()}, 1),
            "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n"
            "06A1B2C3D4E5F6G7      1234  Sat Nov 23 10:00:00 alice@example.org\n"
            "(connection refused)\n"
            "                                         bob@example.org\n"
            "                                         carol@example.org\n"
            "\n"
            "-- 2 Kbytes in 1 Request.\n");
}

TEST_F(Format, MailqMarksAndSums) {
  auto active = MakeMessage();
  active.state = "active";
  active.sender = "";
  active.recipients[1] = active.recipients[0];
  const auto text = ctl::FormatMailq({active, MakeMessage()}, 2);
  EXPECT_THAT(text, HasSubstr("06A1B2C3D4E5F6G7*     1234 "));
  EXPECT_THAT(text, HasSubstr(" MAILER-DAEMON\n(connection refused)\n"));
  EXPECT_THAT(text, HasSubstr("bob@example.org\n                                         bob@example.org\n"));
  EXPECT_THAT(text, HasSubstr("06A1B2C3D4E5F6G7      1234 "));
  EXPECT_THAT(text, HasSubstr("\n-- 3 Kbytes in 2 Requests.\n"));
}

TEST_F(Format, CountsWhatOthersHave) {
  EXPECT_EQ(ctl::FormatMailq({}, 0), "Mail queue is empty\n");
  EXPECT_THAT(ctl::FormatMailq({}, 3), HasSubstr("\n-- 0 Kbytes in 3 Requests.\n"));
  EXPECT_THAT(ctl::FormatMailq({}, 1), HasSubstr("\n-- 0 Kbytes in 1 Request.\n"));
  EXPECT_THAT(ctl::FormatMailq({MakeMessage()}, 3), HasSubstr("\n-- 2 Kbytes in 3 Requests.\n"));
  EXPECT_THAT(ctl::FormatMailq({MakeMessage()}, 0), HasSubstr("\n-- 2 Kbytes in 1 Request.\n"));
  EXPECT_EQ(ctl::FormatTable({}, 2), "2 messages of other users.\n");
  EXPECT_THAT(ctl::FormatTable({MakeMessage()}, 2), HasSubstr("\n1 message.\n1 message of other users.\n"));
}

TEST_F(Format, TellsWhyAMessageIsHeld) {
  auto held = MakeMessage();
  held.state = "held";
  held.reason = "nobody \x1b has taken it";
  EXPECT_THAT(ctl::FormatTable({held}, 1),
              HasSubstr("<alice@example.org> held: nobody \\x1b has taken it\n"));
  EXPECT_THAT(ctl::FormatMailq({held}, 1), HasSubstr("06A1B2C3D4E5F6G7!     1234 "));
  EXPECT_THAT(ctl::FormatMailq({held}, 1), HasSubstr("(held: nobody \\x1b has taken it)\n"));
  EXPECT_THAT(ctl::FormatJson({held}),
              HasSubstr("\"state\":\"held\",\"reason\":\"nobody \\u001b has taken it\""));
}

TEST_F(Format, JsonIsOneLineAMessage) {
  auto message = MakeMessage();
  message.sender = "a\"\\\n\x7f\xff@x";
  EXPECT_EQ(ctl::FormatJson({message}),
            "{\"id\":\"06A1B2C3D4E5F6G7\",\"created\":1732356000500000,\"size\":1234,"
            "\"sender\":\"a\\\"\\\\\\u000a\\u007f\xef\xbf\xbd@x\",\"submitter\":1000,\"attempts\":3,"
            "\"next_attempt\":1732356600000000,\"state\":\"deferred\",\"reason\":\"\",\"open_recipients\":2,"
            "\"recipients\":["
            "{\"address\":\"bob@example.org\",\"state\":\"deferred\",\"status\":\"4.4.1\",\"text\":"
            "\"connection refused\"},"
            "{\"address\":\"carol@example.org\",\"state\":\"waiting\",\"status\":\"\",\"text\":\"\"}]}\n");
}

TEST_F(Format, StrangersDoNotReachTheTerminal) {
  auto message = MakeMessage();
  message.sender = "x\x1b[2J";
  message.recipients[0] = {"y\r\n\x7f", "deferred", "4.0.0",
                           "z\a\xc2\x9b"
                           "31m\xc3\xbc"};
  for (const auto& text : {ctl::FormatTable({message}, 1), ctl::FormatMailq({message}, 1)}) {
    EXPECT_THAT(text, HasSubstr("x\\x1b[2J"));
    EXPECT_THAT(text, HasSubstr("y\\x0d\\x0a\\x7f"));
    EXPECT_THAT(text, HasSubstr("z\\x07\\xc2\\x9b31m\xc3\xbc"));
    for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << int{c};
  }
  EXPECT_THAT(ctl::FormatJson({message}), Not(HasSubstr("\x1b")));
}

TEST_F(Format, ReportsOnRelays) {
  EXPECT_EQ(ctl::FormatReports({{"smtp://a", "2.0.0", {"one", "two\x1b"}}, {"smtp://b", "4.7.8", {"no"}}}),
            "smtp://a: takes mail\n  one\n  two\\x1b\nsmtp://b: takes no mail, 4.7.8\n  no\n");
}
