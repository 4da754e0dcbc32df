// SPDX-License-Identifier: BSD-2-Clause
// Random octets, with a fixed seed, through everything that reads what a caller wrote. What must hold
// whatever comes in is checked; the sanitizers check the rest.
#include "mail/address.hxx"
#include "mail/address_list.hxx"
#include "mail/header_completion.hxx"
#include "programs/sendmail/options.hxx"
#include "programs/sendmail/smtp_session.hxx"
#include "submit/source.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace {

constexpr int kRounds = 5000;

class RandomTest : public testing::Test {
 protected:
  // Octets and fragments that mean something to the parsers.
  std::string Text(std::size_t most) {
    static const std::vector<std::string> kFragments = {
        "\n",   "\r",      "\r\n",        "\n\n",     " ",  "\t",  ",",        ";",
        ":",    "<",       ">",           "@",        "(",  ")",   "\"",       "\\",
        "[",    "]",       ".",           "\n.\n",    "=?", "?=",  "utf-8?Q?", "To: ",
        "Bcc",  "Resent-", "From",        "From ",    "a",  "bob", "\xc3\xbc", std::string(1, '\0'),
        "\x7f", "-",       "example.net", "Received:"};
    std::string text;
    const auto count = random() % most;
    for (std::size_t i = 0; i < count; ++i)
      text += random() % 4 ? kFragments[random() % kFragments.size()]
                           : std::string(1, static_cast<char>(random()));
    return text;
  }

  std::mt19937 random{20240101};
};

bool HasControl(const std::string& text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

TEST_F(RandomTest, AddressesHaveNothingThatEndsALine) {
  for (int round = 0; round < kRounds; ++round) {
    const auto text = Text(60);
    SCOPED_TRACE(testing::PrintToString(text));
    for (const auto& mailbox : mail::ParseAddressList(text).mailboxes) {
      ASSERT_FALSE(HasControl(mailbox.address));
      const auto address = mail::Address::Parse(mailbox.address);
      ASSERT_TRUE(address) << mailbox.address;
      ASSERT_EQ(!address->domain.empty(), mailbox.qualified) << mailbox.address;
      ASSERT_LE(mailbox.local_end, text.size());
      // What is sent as an address means the same to whoever reads it; an encoded word has no place in one.
      if (mailbox.address.find("=?") != std::string::npos) continue;
      const auto again = mail::ParseAddressList("<" + mailbox.address + ">");
      ASSERT_EQ(again.mailboxes.size(), 1U) << mailbox.address;
      ASSERT_EQ(again.mailboxes[0].address, mailbox.address);
    }
  }
}

TEST_F(RandomTest, QualifyingOnlyAddsDomains) {
  for (int round = 0; round < kRounds; ++round) {
    const auto text = Text(60);
    SCOPED_TRACE(testing::PrintToString(text));
    const auto qualified = mail::QualifyAddressList(text, "D");
    const auto before = mail::ParseAddressList(text);
    const auto after = mail::ParseAddressList(qualified);
    ASSERT_EQ(before.mailboxes.size(), after.mailboxes.size()) << qualified;
    ASSERT_EQ(before.malformed.size(), after.malformed.size()) << qualified;
    for (std::size_t i = 0; i < after.mailboxes.size(); ++i) {
      const auto& old = before.mailboxes[i];
      ASSERT_EQ(after.mailboxes[i].address, old.qualified ? old.address : old.address + "@D") << qualified;
    }
  }
}

bool HasField(std::span<const mail::HeaderField> fields, std::string_view name) {
  return std::ranges::any_of(fields, [name](const auto& field) { return field.Is(name); });
}

// The header that goes out is read again: it must have the fields that came in, but those that go, and the
// missing ones.
TEST_F(RandomTest, NoFieldComesFromNowhere) {
  const mail::HeaderFacts facts = {"f@x", "D", "M", "dom"};
  for (int round = 0; round < kRounds; ++round) {
    const auto text = Text(80);
    SCOPED_TRACE(testing::PrintToString(text));
    mail::HeaderReader in, out;
    if (in.Add(text) == mail::HeaderReader::State::Reading) in.Finish();
    const auto completed = mail::CompleteHeader(in.Fields(), facts, mail::Resent::Complete);
    ASSERT_EQ(completed.find_first_of(std::string("\r\0", 2)), completed.npos);
    // Without its LF the last line would hide what follows; a source always gives it one.
    if (!in.Fields().empty() && !in.Fields().back().text.ends_with('\n')) continue;
    ASSERT_EQ(out.Add(completed), mail::HeaderReader::State::Done);
    ASSERT_EQ(out.Rest(), "");
    for (const char* name : {"From", "Date", "Message-ID"})
      ASSERT_TRUE(mail::HasValue(out.Fields(), name)) << name;
    ASSERT_FALSE(HasField(out.Fields(), "Bcc"));
    ASSERT_FALSE(HasField(out.Fields(), "Resent-Bcc"));
    for (const auto& field : out.Fields()) {
      const bool added = field.Is("From") || field.Is("Date") || field.Is("Message-ID") ||
                         field.Is("Resent-From") || field.Is("Resent-Date") || field.Is("Resent-Message-ID");
      ASSERT_TRUE(added || HasField(in.Fields(), field.name)) << field.name;
    }
  }
}

TEST_F(RandomTest, CommandLinesAreRefusedOrRead) {
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::string> words(random() % 6);
    for (auto& word : words) word = (random() % 2 ? "-" : "") + Text(6);
    const auto parsed = ParseCommandLine("sendmail", words);
    const auto* options = std::get_if<Options>(&parsed);
    ASSERT_TRUE(!options || !HasControl(options->full_name + options->envid));
  }
}

TEST_F(RandomTest, EveryCommandGetsOneReply) {
  SmtpSession session("h", 1000);
  for (int round = 0; round < kRounds; ++round) {
    static constexpr const char* kVerbs[] = {"MAIL FROM:", "RCPT TO:", "EHLO ", "DATA", "RSET", ""};
    const auto line = kVerbs[random() % 6] + Text(10);
    const auto reply = session.OnLine(line);
    ASSERT_TRUE(reply.text.ends_with("\r\n")) << testing::PrintToString(line);
    const bool many = line.starts_with("EHLO");
    ASSERT_TRUE(many || std::ranges::count(reply.text, '\n') == 1) << testing::PrintToString(line);
    if (reply.next == SmtpSession::Next::Message) (void)session.OnAccepted("ID");
  }
}

TEST_F(RandomTest, RemovingCarriageReturnsIsWhatReplacingIs) {
  for (int round = 0; round < kRounds; ++round) {
    auto text = Text(60);
    std::string wanted;
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') wanted += text[i];
    auto removed = text;
    removed.resize(submit::RemoveCarriageReturns(removed.data(), removed.size()));
    ASSERT_EQ(removed, wanted) << testing::PrintToString(text);
  }
}

}  // namespace
