// SPDX-License-Identifier: BSD-2-Clause
#include "mail/envelope.hxx"

#include "base/text.hxx"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

using mail::Envelope;

namespace {

Envelope Full() {
  Envelope envelope;
  envelope.id = mail::QueueId::Make(mail::FromMicroseconds(1'700'000'000'123'456), 99);
  envelope.sender = "alice@example.org";
  envelope.submitter = 1000;
  envelope.created = mail::FromMicroseconds(1'700'000'000'123'456);
  envelope.message_size = 4'000'000'000;
  envelope.body = "8BITMIME";
  envelope.ret = "HDRS";
  envelope.envid = "id\nwith: \\ odd";
  envelope.tls = mail::TlsDemand::Required;
  envelope.attempts = 7;
  envelope.next_attempt = mail::FromMicroseconds(1'700'000'060'000'000);
  envelope.bounce = mail::QueueId::Make(mail::FromMicroseconds(1), 1);
  envelope.held = "nobody has it";
  envelope.recipients.push_back({"bob@example.org", {}, false, "FAILURE,DELAY", "rfc822;Bob@example.org"});
  envelope.recipients.push_back({"carol", mail::Deferred("4.2.1", "450 busy\n"), false, {}, {}});
  envelope.recipients.push_back({"x@y", mail::Failed("5.1.1", "no"), true, "NEVER", {}});
  envelope.recipients.back().result->remote = "mx.example:25";
  auto& list = envelope.recipients.emplace_back();
  list.address = "list";
  list.ends = {{"remote a@x", "a@x", "owner-list@example.org", mail::Failed("5.1.1", "no"), true},
               {"mailbox bob /var/mail/%u", "bob@host", "", mail::Deferred("4.2.0", "locked"), false},
               {"command bob |/bin/x 'a\nb'", "bob@host", "s@example.org", {}, false}};
  list.result = list.ends[1].result;
  return envelope;
}

// Whole and valid; every case of a malformed one is a change of one line of it.
constexpr std::string_view kSmall =
    "mailqueue-envelope: 1\n"
    "id: 0000000000000001\n"
    "sender: a@b\n"
    "submitter: 0\n"
    "created: 1\n"
    "size: 2\n"
    "lines: 3\n"
    "recipient: c@d\n"
    "outcome: failed\n"
    "status: 5.1.1\n";

std::string Replaced(std::string_view from, std::string_view to) {
  std::string text(kSmall);
  text.replace(text.find(from), from.size(), to);
  return text;
}

void ExpectEqual(const Envelope& a, const Envelope& b) {
  EXPECT_EQ(a.ToText(), b.ToText());
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.sender, b.sender);
  EXPECT_EQ(a.submitter, b.submitter);
  EXPECT_EQ(a.created, b.created);
  EXPECT_EQ(a.message_size, b.message_size);
  EXPECT_EQ(a.body, b.body);
  EXPECT_EQ(a.ret, b.ret);
  EXPECT_EQ(a.envid, b.envid);
  EXPECT_EQ(a.tls, b.tls);
  EXPECT_EQ(a.attempts, b.attempts);
  EXPECT_EQ(a.next_attempt, b.next_attempt);
  EXPECT_EQ(a.bounce, b.bounce);
  EXPECT_EQ(a.held, b.held);
  ASSERT_EQ(a.recipients.size(), b.recipients.size());
}

void ExpectEqual(const mail::Recipient& a, const mail::Recipient& b) {
  EXPECT_EQ(a.address, b.address);
  EXPECT_EQ(a.notify, b.notify);
  EXPECT_EQ(a.original, b.original);
  EXPECT_EQ(a.reported, b.reported);
  ASSERT_EQ(a.result.has_value(), b.result.has_value());
  if (!a.result) return;
  EXPECT_EQ(a.result->outcome, b.result->outcome);
  EXPECT_EQ(a.result->status, b.result->status);
  EXPECT_EQ(a.result->text, b.result->text);
  EXPECT_EQ(a.result->remote, b.result->remote);
}

}  // namespace

TEST(Envelope, RoundTripsEverything) {
  const Envelope envelope = Full();
  const auto parsed = Envelope::Parse(envelope.ToText());
  ASSERT_TRUE(parsed) << envelope.ToText();
  ExpectEqual(*parsed, envelope);
  for (std::size_t i = 0; i < envelope.recipients.size(); ++i)
    ExpectEqual(parsed->recipients[i], envelope.recipients[i]);
}

TEST(Envelope, RoundTripsTheNullSenderAndDefaults) {
  Envelope envelope;
  envelope.id = mail::QueueId::Make(mail::FromMicroseconds(1), 1);
  envelope.recipients.push_back({"a", {}, false, {}, {}});
  const auto parsed = Envelope::Parse(envelope.ToText());
  ASSERT_TRUE(parsed);
  ExpectEqual(*parsed, envelope);
}

TEST(Envelope, RoundTripsAnyOctetInItsTexts) {
  Envelope envelope = Full();
  for (int octet = 1; octet < 256; ++octet) envelope.sender += static_cast<char>(octet);
  envelope.recipients[0].address = envelope.sender;
  envelope.recipients[1].result->text = envelope.sender;
  const auto parsed = Envelope::Parse(envelope.ToText());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->sender, envelope.sender);
  EXPECT_EQ(parsed->recipients[0].address, envelope.sender);
  EXPECT_EQ(parsed->recipients[1].result->text, envelope.sender);
}

TEST(Envelope, RoundTripsEverySize) {
  auto envelope = Full();
  envelope.message_size = std::numeric_limits<std::uint64_t>::max();
  const auto read = Envelope::Parse(envelope.ToText());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->message_size, envelope.message_size);
}

TEST(Envelope, CanBeReadByAPerson) {
  const auto envelope = Envelope::Parse(kSmall);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->sender, "a@b");
  EXPECT_EQ(envelope->created, mail::FromMicroseconds(1));
  EXPECT_EQ(envelope->recipients.at(0).result->status, "5.1.1");
  EXPECT_EQ(envelope->ToText(), kSmall);
}

TEST(Envelope, RefusesAMalformedOne) {
  const std::pair<const char*, const char*> changes[] = {
      {"mailqueue-envelope: 1", "mailqueue-envelope: 2"},
      {"mailqueue-envelope: 1", "mailqueue-request: 1"},
      {"mailqueue-envelope: 1\n", ""},
      {"id: 0000000000000001", "id: 1"},
      {"id: 0000000000000001", "id: 0000000000000000"},
      {"id: 0000000000000001", "id: ../../etc/passwd"},
      {"id: 0000000000000001\n", ""},
      {"submitter: 0", "submitter: -1"},
      {"submitter: 0", "submitter: 4294967296"},
      {"submitter: 0", "submitter: root"},
      {"created: 1", "created: now"},
      {"created: 1", "created: 9223372036854775808"},
      {"size: 2", "size: -2"},
      {"size: 2", "size: 2 "},
      {"size: 2", "size: 2\nattempts: many"},
      {"size: 2", "size: 2\nnext-attempt: "},
      {"size: 2", "size: 2\nbounce: none"},
      {"size: 2", "size: 2\nunknown: x"},
      {"size: 2", "size: 2\noutcome: failed"},
      {"recipient: c@d\noutcome: failed\nstatus: 5.1.1\n", ""},
      {"recipient: c@d", "recipient: "},
      {"recipient: c@d", "recipient: c@d\nlines: 2"},
      {"lines: 3", "lines: 2"},
      {"lines: 3", "lines: 4"},
      {"lines: 3", "lines: 0"},
      {"lines: 3", "lines: -1"},
      {"lines: 3", "lines: 4\nlines: 3"},
      {"recipient: c@d", "recipient: c@d\nsender: x"},
      {"outcome: failed", "outcome: lost"},
      {"outcome: failed\n", ""},
      {"outcome: failed", "reported: no\noutcome: failed"},
      {"status: 5.1.1", "status: 550"},
      {"status: 5.1.1\n", "status: 5.1.1"},
      {"sender: a@b", "sender: a\\b"},
      {"sender: a@b", "sender a@b"},
  };
  for (const auto& [from, to] : changes)
    EXPECT_FALSE(Envelope::Parse(Replaced(from, to))) << Quote(from) << " as " << Quote(to);
  EXPECT_FALSE(Envelope::Parse(""));
}

TEST(Envelope, RefusesAnyCutOfIt) {
  const std::string text = Full().ToText();
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(Envelope::Parse(std::string_view(text).substr(0, size))) << size;
}

TEST(Envelope, MayHaveNoCountOfLinesWhereAPersonHasWrittenIt) {
  EXPECT_TRUE(Envelope::Parse(Replaced("lines: 3\n", "")));
}

TEST(Envelope, HasALimitOfRecipients) {
  std::string text = Replaced("lines: 3\n", "");
  for (std::size_t i = 1; i <= Envelope::kMaxRecipients; ++i) text += "recipient: a\n";
  const auto envelope = Envelope::Parse(text);
  ASSERT_TRUE(envelope) << "root may be one more";
  EXPECT_EQ(envelope->recipients.size(), Envelope::kMaxRecipients + 1);
  EXPECT_FALSE(Envelope::Parse(text + "recipient: a\n"));
}

TEST(Envelope, KnowsWhatANewerVersionHasWritten) {
  EXPECT_TRUE(Envelope::IsNewer("mailqueue-envelope: 2\nanything\n"));
  for (const char* text : {"", "mailqueue-envelope: 2", "mailqueue-envelope: 1\n", "mailqueue-envelope: x\n",
                           "mailqueue-envelope: 0\n", "id: 2\n"})
    EXPECT_FALSE(Envelope::IsNewer(text)) << text;
}

TEST(Envelope, HasRoomForEachResult) {
  Envelope envelope;
  envelope.recipients.resize(2);
  const auto before = envelope.ToText().size();
  for (auto& recipient : envelope.recipients) {
    recipient.result = mail::Failed("5.999.999", std::string(100000, '\\'));
    recipient.result->remote = std::string(100000, '\n');
    recipient.reported = true;
  }
  EXPECT_LE(envelope.ToText().size() - before, 2 * Envelope::kMaxResultSize);
}

TEST(Envelope, HasRoomForAsManyEndsAsThereMayBe) {
  Envelope envelope;
  auto& recipient = envelope.recipients.emplace_back();
  recipient.address = "list";
  const auto before = envelope.ToText().size();
  recipient.ends = {{std::string(900, '\\'), std::string(900, 'a'), "x@y", {}, true}};
  EXPECT_LE(envelope.ToText().size() - before, recipient.ends[0].StoredSize() - Envelope::kShortResultSize);
  mail::End end{std::string(2000, 'a'), "a@b", "x@y", mail::Failed("5.999.999", std::string(700, 'x')), true};
  end.result->remote = std::string(255, 'y');
  recipient.ends.assign(100, end);
  const auto most = before + 100 * end.StoredSize();
  EXPECT_GT(envelope.ToText().size(), most);
  const auto text = envelope.ToText(most);
  EXPECT_LE(text.size(), most);
  EXPECT_NE(text.find("text: " + std::string(Envelope::kShortResultPart, 'x') + "\n"), text.npos);
}

TEST(Envelope, HasALimitOfSize) {
  EXPECT_TRUE(Envelope::Parse(kSmall, kSmall.size()));
  EXPECT_FALSE(Envelope::Parse(kSmall, kSmall.size() - 1));
}

TEST(Recipient, IsSettledWhenNothingIsLeftToBeAttempted) {
  mail::Recipient recipient;
  EXPECT_FALSE(recipient.IsSettled());
  recipient.result = mail::Deferred("4.0.0", "");
  EXPECT_FALSE(recipient.IsSettled());
  recipient.result = mail::Failed("5.0.0", "");
  EXPECT_TRUE(recipient.IsSettled());
  recipient.result = mail::Delivered("2.0.0", "");
  EXPECT_TRUE(recipient.IsSettled());
}
