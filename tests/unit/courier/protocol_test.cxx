// SPDX-License-Identifier: BSD-2-Clause
#include "courier/protocol.hxx"

#include "base/text.hxx"
#include "courier/packet.hxx"
#include "mail/record.hxx"

#include <gtest/gtest.h>

using courier::Answer;
using courier::Request;

namespace {

mail::Envelope SomeEnvelope() {
  mail::Envelope envelope;
  envelope.id = mail::QueueId::Make(mail::FromMicroseconds(1'700'000'000'000'000), 1);
  envelope.sender = "a@b";
  envelope.recipients.push_back({"bob@example.org", {}, false, {}, {}});
  envelope.recipients.push_back({"carol@example.org", {}, false, {}, {}});
  return envelope;
}

Request SomeRequest() {
  Request request;
  request.serial = 17;
  request.destination = "smtp://relay.example:2525";
  request.helo = "host.example";
  request.again = true;
  request.envelope = SomeEnvelope();
  return request;
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

}  // namespace

TEST(Request, RoundTrips) {
  Request request = SomeRequest();
  request.forward = true;
  request.explain = true;
  request.probe = true;
  request.own_relays = true;
  request.owner = "alice";
  request.share = 4294967294;
  request.extension = "news";
  request.head = "Delivered-To: list@host.example\nDelivered-To: other@host.example\n";
  request.relays = {"smtps://a@one.example", "mx://two.example"};
  request.options = "Connections=3\nHelo=a.example\n";
  const auto parsed = Request::Parse(request.ToText());
  ASSERT_TRUE(parsed) << request.ToText();
  EXPECT_EQ(parsed->serial, 17U);
  EXPECT_EQ(parsed->destination, request.destination);
  EXPECT_EQ(parsed->helo, request.helo);
  EXPECT_TRUE(parsed->again);
  EXPECT_TRUE(parsed->forward);
  EXPECT_TRUE(parsed->explain);
  EXPECT_TRUE(parsed->probe);
  EXPECT_TRUE(parsed->own_relays);
  EXPECT_EQ(parsed->owner, "alice");
  EXPECT_EQ(parsed->share, 4294967294U);
  EXPECT_EQ(parsed->extension, request.extension);
  EXPECT_EQ(parsed->head, request.head);
  EXPECT_EQ(parsed->relays, request.relays);
  EXPECT_EQ(parsed->options, request.options);
  EXPECT_EQ(parsed->envelope.ToText(), request.envelope.ToText());
}

TEST(Request, RoundTripsTheLargestSerial) {
  Request request = SomeRequest();
  request.serial = UINT64_MAX;
  const auto parsed = Request::Parse(request.ToText());
  ASSERT_TRUE(parsed) << request.ToText();
  EXPECT_EQ(parsed->serial, UINT64_MAX);
}

TEST(Request, IsNotCutByAValueThatLooksLikeTheEndOfTheHead) {
  Request request = SomeRequest();
  request.destination = "x\nwith: envelope\ny";
  request.helo = "with: envelope";
  request.envelope.sender = "\nwith: envelope\n";
  request.envelope.recipients[0].address = "with: envelope";
  const auto parsed = Request::Parse(request.ToText());
  ASSERT_TRUE(parsed) << request.ToText();
  EXPECT_EQ(parsed->destination, request.destination);
  EXPECT_EQ(parsed->helo, request.helo);
  EXPECT_EQ(parsed->envelope.sender, request.envelope.sender);
  EXPECT_EQ(parsed->envelope.recipients[0].address, "with: envelope");
}

TEST(Request, RefusesAMalformedOne) {
  const std::pair<const char*, const char*> changes[] = {
      {"mailqueue-request: 1", "mailqueue-request: 2"},
      {"mailqueue-request: 1", "mailqueue-answer: 1"},
      {"mailqueue-request: 1\n", ""},
      {"serial: 17", "serial: -1"},
      {"serial: 17", "serial: x"},
      {"serial: 17", "serial: 17\nunknown: x"},
      {"serial: 17", "serial: 17\nbroken"},
      {"helo: host.example", "helo: \\host"},
      {"with: envelope\n", ""},
      {"with: envelope\n", "with: letter\n"},
      {"mailqueue-envelope: 1", "mailqueue-envelope: 2"},
  };
  for (const auto& [from, to] : changes)
    EXPECT_FALSE(Request::Parse(Replaced(SomeRequest().ToText(), from, to)))
        << Quote(from) << " as " << Quote(to);
  EXPECT_FALSE(Request::Parse(""));
  EXPECT_FALSE(Request::Parse("with: envelope\n" + SomeEnvelope().ToText()));
}

TEST(Request, RefusesOneWithoutRecipients) {
  Request request = SomeRequest();
  request.envelope.recipients.clear();
  EXPECT_FALSE(Request::Parse(request.ToText()));
}

TEST(Answer, RoundTrips) {
  Answer answer{UINT64_MAX, {}};
  answer.results.emplace_back(3, mail::Delivered("2.0.0", "250 ok\n2"));
  answer.results.emplace_back(0, mail::Failed("5.1.1", ""));
  answer.results.back().second.remote = "mx.example:25";
  answer.results.emplace_back(49999, mail::Deferred("4.7.0", "result: 5"));
  const auto parsed = Answer::Parse(answer.ToText());
  ASSERT_TRUE(parsed) << answer.ToText();
  EXPECT_EQ(parsed->serial, UINT64_MAX);
  ASSERT_EQ(parsed->results.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& [index, result] = parsed->results[i];
    EXPECT_EQ(index, answer.results[i].first);
    EXPECT_EQ(result.outcome, answer.results[i].second.outcome);
    EXPECT_EQ(result.status, answer.results[i].second.status);
    EXPECT_EQ(result.text, answer.results[i].second.text);
    EXPECT_EQ(result.remote, answer.results[i].second.remote);
  }
}

TEST(Answer, RefusesAMalformedOne) {
  const std::string good =
      "mailqueue-answer: 1\nserial: 5\nresult: 0\noutcome: failed\nstatus: 5.0.0\ntext: x\nremote: \n";
  ASSERT_TRUE(Answer::Parse(good));
  const std::pair<const char*, const char*> changes[] = {
      {"mailqueue-answer: 1", "mailqueue-answer: 2"},
      {"mailqueue-answer: 1\n", ""},
      {"serial: 5\n", ""},
      {"serial: 5", "serial: five"},
      {"serial: 5\n", "result: 0\nserial: 5\n"},
      {"result: 0", "result: -1"},
      {"result: 0\n", ""},
      {"outcome: failed", "outcome: gone"},
      {"status: 5.0.0", "status: 500"},
      {"text: x", "text: x\nmore: x"},
      {"text: x", "text"},
      {"remote: \n", "remote: "},
  };
  for (const auto& [from, to] : changes)
    EXPECT_FALSE(Answer::Parse(Replaced(good, from, to))) << Quote(from) << " as " << Quote(to);
  EXPECT_FALSE(Answer::Parse(""));
}

TEST(Answer, IsOfOneKind) {
  const std::string result = "result: 0\noutcome: failed\nstatus: 5.0.0\ntext: x\nremote: \n";
  const std::string own_relays = "own-relays: \nrelays: \noptions: \ncredentials: \n";
  const std::string report = "report: smtp://x\nstatus: 2.0.0\n";
  const std::string forward = "forward: /p\na: bob\n";
  const std::string head = "mailqueue-answer: 1\nserial: 5\n";
  for (const auto& one : {result, own_relays, report, forward}) EXPECT_TRUE(Answer::Parse(head + one)) << one;
  for (const auto& two : {result + own_relays, result + report, result + forward, own_relays + report})
    EXPECT_FALSE(Answer::Parse(head + two)) << two;
}

// A courier that was broken into writes what it likes; what is stored of it must be readable again.
TEST(Answer, FitsIntoAnEnvelopeWhateverItSays) {
  const std::string texts[] = {std::string(120000, 'x'), std::string(120000, '\\'),
                               std::string(120000, '\x01'), "\xc3\xbc" + std::string(120000, '\xbc')};
  for (const auto& text : texts) {
    mail::RecordWriter writer;
    writer.Add("mailqueue-answer", "1").Add("serial", "1").Add("result", "0").Add("outcome", "deferred");
    writer.Add("status", "4.0.0").Add("text", text).Add("remote", text);
    const auto answer = Answer::Parse(writer.Text());
    ASSERT_TRUE(answer);
    mail::Envelope envelope = SomeEnvelope();
    const auto before = envelope.ToText().size();
    envelope.recipients[0].result = answer->results.at(0).second;
    EXPECT_LE(answer->results[0].second.text.size(), courier::kMaxResultText);
    EXPECT_LE(envelope.ToText().size() - before, mail::Envelope::kMaxResultSize);
  }
}

TEST(Split, MakesAnswersThatFitIntoADatagram) {
  mail::DeliveryResult worst = mail::Deferred("4.999.999", std::string(100000, '\n'));
  worst.remote = std::string(100000, '\\');
  Answer answer{UINT64_MAX, {}};
  for (std::size_t i = 0; i < 2 * courier::kMaxResultsPerAnswer + 1; ++i)
    answer.results.emplace_back(i, worst);
  const auto parts = courier::Split(std::move(answer));
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[2].results.size(), 1U);
  std::size_t next = 0;
  for (const auto& part : parts) {
    EXPECT_LE(part.ToText().size(), courier::kMaxPacket);
    const auto parsed = Answer::Parse(part.ToText());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->serial, UINT64_MAX);
    for (const auto& [index, result] : parsed->results) {
      EXPECT_EQ(index, next++);
      EXPECT_EQ(result.text, std::string(courier::kMaxResultText / 4, '\n'));  // as they are written
    }
  }
  EXPECT_EQ(next, 2 * courier::kMaxResultsPerAnswer + 1);
}

// Whoever follows it relies on that it leads somewhere.
TEST(Answer, IsNoneIfItsForwardFileLeadsNowhere) {
  EXPECT_FALSE(Answer::Parse("mailqueue-answer: 1\nserial: 1\nforward: \n"));
  EXPECT_FALSE(Answer::Parse("mailqueue-answer: 1\nserial: 1\nforward: /f\nfault: x\n"));
  EXPECT_TRUE(Answer::Parse("mailqueue-answer: 1\nserial: 1\nforward: /f\nu: x\n"));
}

// A courier that was broken into says more than any of ours would.
TEST(Answer, IsCutWhereItArrives) {
  const std::string text(5000, 'x');
  const std::string line = text + "\n";
  const auto results = Answer::Parse(
      "mailqueue-answer: 1\nserial: 1\nresult: 0\noutcome: deferred\nstatus: 4.0.0\ntext: " + line +
      "remote: " + line);
  ASSERT_TRUE(results);
  EXPECT_EQ(results->results.at(0).second.text.size(), courier::kMaxResultText);
  EXPECT_EQ(results->results.at(0).second.remote.size(), courier::kMaxResultText);
  const auto forward = Answer::Parse("mailqueue-answer: 1\nserial: 1\nforward: /f\nu: x\nfault: " + line);
  ASSERT_TRUE(forward && forward->forward);
  EXPECT_EQ(forward->forward->faults.at(0).size(), courier::kMaxResultText);
  const auto relays = Answer::Parse("mailqueue-answer: 1\nserial: 1\nown-relays: \nfault: " + line);
  ASSERT_TRUE(relays && relays->own_relays);
  EXPECT_EQ(relays->own_relays->faults.at(0).size(), courier::kMaxResultText);
  const auto reports = Answer::Parse("mailqueue-answer: 1\nserial: 1\nreport: r\nline: " + line);
  ASSERT_TRUE(reports);
  EXPECT_EQ(reports->reports.at(0).lines.at(0).size(), courier::kMaxResultText);
}

TEST(Split, LeavesASmallAnswerWhole) {
  const auto parts = courier::Split({1, {{0, mail::Delivered("2.0.0", "ok")}}});
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].results.at(0).second.text, "ok");
  EXPECT_TRUE(courier::Split({1, {}}).empty());
}

TEST(Answer, CarriesReports) {
  Answer answer{9, {}};
  answer.reports = {{"smtp://a", "2.0.0", {"one", "two\nlines"}}, {"smtp://b", "4.4.1", {}}};
  const auto parts = courier::Split(answer);
  ASSERT_EQ(parts.size(), 1U);
  const auto parsed = Answer::Parse(parts[0].ToText());
  ASSERT_TRUE(parsed) << parts[0].ToText();
  EXPECT_EQ(parsed->reports, answer.reports);
  EXPECT_FALSE(Answer::Parse(parts[0].ToText() + "outcome: delivered\n"));
}

TEST(Answer, SaysInEachPartThatNothingWasReached) {
  Answer answer{9, {}};
  for (std::size_t i = 0; i < courier::kMaxResultsPerAnswer + 1; ++i)
    answer.results.emplace_back(i, mail::Deferred("4.4.1", "refused"));
  answer.unreached = true;
  const auto parts = courier::Split(answer);
  ASSERT_EQ(parts.size(), 2U);
  for (const auto& part : parts) EXPECT_TRUE(Answer::Parse(part.ToText()).value().unreached);
}

TEST(Answer, CarriesAForwardFile) {
  using Kind = mail::Destination::Kind;
  Answer answer{9, {}};
  answer.forward = courier::Forward{"/home/alice/.forward",
                                    {{Kind::Address, "bob@example.org", 1},
                                     {Kind::User, "", 2},
                                     {Kind::File, "~/Maildir/", 3},
                                     {Kind::Command, "/bin/x 'a\nb'", 4},
                                     {Kind::User, "carol", 5, "/home/alice/list"},
                                     {Kind::Error, "gone", 6},
                                     {Kind::Fault, "4.2.0 can't be read", 7}},
                                    {"/home/alice/.forward:7: what is this?"},
                                    true};
  const auto parsed = Answer::Parse(answer.ToText());
  ASSERT_TRUE(parsed && parsed->forward) << answer.ToText();
  EXPECT_EQ(parsed->forward->path, answer.forward->path);
  EXPECT_EQ(parsed->forward->destinations, answer.forward->destinations);
  EXPECT_EQ(parsed->forward->faults, answer.forward->faults);
  EXPECT_TRUE(parsed->forward->is_private);
  EXPECT_FALSE(Answer::Parse(Replaced(answer.ToText(), "\nf: ", "\nmoon: ")));
  EXPECT_FALSE(Answer::Parse(Replaced(answer.ToText(), "a: bob@example.org\n", "line: 3\n")));
}

TEST(Answer, HasNoFileThatTheRunnerWouldRead) {
  for (const char* field : {"a: /etc/list\n", "f: /etc/list\n"})
    EXPECT_TRUE(Answer::Parse(std::string("mailqueue-answer: 1\nserial: 9\nforward: /home/alice/.forward\n") +
                              field));
  for (const char* field : {"i: /etc/list\n", "include: /etc/list\n", ":include:: /etc/list\n"})
    EXPECT_FALSE(
        Answer::Parse(std::string("mailqueue-answer: 1\nserial: 9\nforward: /home/alice/.forward\n") + field))
        << field;
}

TEST(Answer, RoundTripsOwnRelays) {
  Answer answer{9, {}};
  auto& relays = answer.own_relays.emplace();
  relays.where = "/home/alice/.config/mailqueue/relay.conf:2";
  relays.relays = "smtps://me@one.example smtps://me@two.example";
  relays.options = "Connections=3\nHelo=a.example\n";
  relays.credentials = "17 4";
  relays.faults = {"first", "second\nline"};
  const auto parts = courier::Split(answer);
  ASSERT_EQ(parts.size(), 1U);
  const auto parsed = Answer::Parse(parts[0].ToText());
  ASSERT_TRUE(parsed && parsed->own_relays);
  EXPECT_EQ(parsed->serial, 9U);
  EXPECT_EQ(parsed->own_relays->where, relays.where);
  EXPECT_EQ(parsed->own_relays->relays, relays.relays);
  EXPECT_EQ(parsed->own_relays->options, relays.options);
  EXPECT_EQ(parsed->own_relays->credentials, relays.credentials);
  EXPECT_EQ(parsed->own_relays->faults, relays.faults);
  EXPECT_FALSE(Answer::Parse(Replaced(answer.ToText(), "credentials: 17", "secrets: 17")));
}

TEST(Answer, RoundTripsThatThereAreNoOwnRelays) {
  Answer answer{9, {}};
  answer.own_relays.emplace();
  const auto parsed = Answer::Parse(answer.ToText());
  ASSERT_TRUE(parsed && parsed->own_relays);
  EXPECT_EQ(parsed->own_relays->where, "");
}
