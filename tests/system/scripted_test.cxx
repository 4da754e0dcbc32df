// SPDX-License-Identifier: BSD-2-Clause
// Servers that say what no server should, at each place of a session.
#include "base/text.hxx"
#include "fixture.hxx"
#include "scripted_server.hxx"

#include <fmt/format.h>

#include <algorithm>

using namespace machine;
using mail::Outcome;

namespace {

struct Case {
  Script script;
  Outcome outcome = Outcome::Deferred;  ///< of the first attempt
  std::string place{};                  ///< where the script differs from what a server should say

  [[nodiscard]] std::string Describe() const {
    const auto found = script.replies.find(place);
    return place + ": " + (found == script.replies.end() ? "" : Quote(found->second.substr(0, 60)));
  }
};

const std::string kMail[] = {"MAIL", "RCPT", "DATA", "."};
const std::string kPlaces[] = {"greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "."};
const std::string kOffersTls = "250-scripted.example\r\n250 STARTTLS\r\n";

bool IsMail(const std::string& place) {
  return std::ranges::count(kMail, place) > 0;
}

// The right code at a place.
std::string CodeAt(const std::string& place) {
  if (place == "greeting" || place == "STARTTLS") return "220";
  if (place == "AUTH") return "235";
  return place == "DATA" ? "354" : "250";
}

std::string Repeat(const std::string& text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

Case At(const std::string& place, std::string reply, Outcome outcome = Outcome::Deferred) {
  Case made;
  made.place = place;
  made.outcome = outcome;
  made.script.replies[place] = std::move(reply);
  if (place == "STARTTLS") made.script.replies["EHLO"] = kOffersTls;
  return made;
}

Case Slow(std::chrono::milliseconds pause, Outcome outcome) {
  Case made;
  made.place = "each octet";
  made.outcome = outcome;
  made.script.pause = pause;
  return made;
}

// What means no. TLS is not insisted on here, so a server that is sorry about it gets its mail without.
void AddRefusals(std::vector<Case>& cases) {
  for (const auto& place : kPlaces) {
    cases.push_back(At(place, "421 4.3.2 leaving\r\n"));
    cases.back().script.closes = true;
    const auto without = place == "STARTTLS" ? Outcome::Delivered : Outcome::Deferred;
    cases.push_back(At(place, "450 4.2.0 later\r\n", without));
    if (place == "AUTH") continue;  // a login that is refused is not tried again so soon: routes_test
    cases.push_back(At(place, "550 5.7.1 no\r\n", IsMail(place) ? Outcome::Failed : without));
  }
}

// What means nothing.
void AddNonsense(std::vector<Case>& cases) {
  for (const auto& place : kPlaces) {
    const auto code = CodeAt(place);
    for (const auto& reply :
         {std::string("000 ok\r\n"), std::string("100 ok\r\n"), std::string("999 ok\r\n"),
          std::string("2x0 ok\r\n"), std::string("2500 ok\r\n"), std::string("25\r\n"), std::string("\r\n"),
          std::string("HTTP/1.1 200 OK\r\n"), std::string(4, '\0') + "\r\n", code + "-ok\r\n550 5.0.0 no\r\n",
          fmt::format("{0}-ok\r\n{0}x ok\r\n", code), fmt::format("{} {:x>100000}\r\n", code, ""),
          std::string(100'000, '2'), Repeat(code + "-ok\r\n", 100'000)})
      cases.push_back(At(place, reply));
  }
  for (const char* place : {"MAIL", "RCPT", "."}) cases.push_back(At(place, "354 go on\r\n"));
  for (const char* place : {"greeting", "DATA"}) cases.push_back(At(place, "251 what\r\n"));
}

// What comes late, in part, or never.
void AddStalls(std::vector<Case>& cases) {
  for (const auto& place : kPlaces) {
    cases.push_back(At(place, ""));
    cases.push_back(At(place, CodeAt(place) + " ok\r"));
    cases.push_back(At(place, CodeAt(place) + "-ok\r\n"));
  }
  // Each octet comes in time, the reply does not.
  cases.push_back(Slow(std::chrono::milliseconds(300), Outcome::Deferred));
}

// What answers nothing that has been asked.
void AddUnasked(std::vector<Case>& cases) {
  const std::string ok = "250 ok\r\n";
  const std::string hello = "220 hello\r\n";
  cases.push_back(At("greeting", hello + hello));
  cases.push_back(At("greeting", hello + ok));
  cases.push_back(At("greeting", hello + "250-x\r\n250 PIPELINING\r\n" + ok + ok + "354 go on\r\n" + ok));
  cases.push_back(At("EHLO", "250-x\r\n250 PIPELINING\r\n" + ok));
  cases.push_back(At("STARTTLS", hello + ok));
  cases.push_back(At("AUTH", "235 ok\r\n" + ok));
  cases.push_back(At("MAIL", ok + ok));
  cases.push_back(At("RCPT", ok + ok));
  cases.push_back(At("DATA", "354 go on\r\n354 go on\r\n"));
  cases.push_back(At("DATA", "354 go on\r\n" + ok));
  cases.push_back(At(".", ok + ok, Outcome::Delivered));  // the first one stands
}

// What is odd, and understood.
void AddOddities(std::vector<Case>& cases) {
  const std::string text = "\x1b[31mgr\xc3\xbc\xc3\x9f" + std::string(1, '\0') + "\x07\r 100% {}\\";
  for (const auto& place : kPlaces)
    if (place != "STARTTLS")
      cases.push_back(At(place, CodeAt(place) + " " + text + "\r\n", Outcome::Delivered));
  for (const auto& place : kMail) {
    cases.push_back(At(place, "550 5.1.1 " + text + "\r\n", Outcome::Failed));
    cases.push_back(At(place, "450 4.1.1 " + text + "\r\n"));
  }
  for (const auto& place : kMail) cases.push_back(At(place, CodeAt(place) + "\n", Outcome::Delivered));
  cases.push_back(At("EHLO", "250-x\n250-SIZE 99999999999999999999\n250-\n250-=\n250 LIMITS RCPTMAX=x\n",
                     Outcome::Delivered));
  cases.push_back(At("greeting", Repeat("220-long\r\n", 1000) + "220 long\r\n", Outcome::Delivered));
  cases.push_back(Slow(std::chrono::milliseconds(1), Outcome::Delivered));
}

std::vector<Case> MakeCases() {
  std::vector<Case> cases;
  for (const auto add : {AddRefusals, AddNonsense, AddStalls, AddUnasked, AddOddities}) add(cases);
  return cases;
}

std::vector<Script> ScriptsOf(const std::vector<Case>& cases) {
  std::vector<Script> scripts;
  scripts.reserve(cases.size());
  for (const auto& item : cases) scripts.push_back(item.script);
  return scripts;
}

bool HasControls(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; });
}

std::string SchemeFor(const std::string& place) {
  if (place == "AUTH") return "smtp+notls://scripted@";
  return place == "STARTTLS" ? "smtp://" : "smtp+notls://";
}

std::string Mailbox(std::size_t host) {
  return "a@" + LoopbackHosts::Domain(host);
}

}  // namespace

class Scripted : public SystemTest {
 protected:
  static constexpr const char* kMap = "/etc/mailqueue/scripted-test";

  static void SendTo(std::size_t hosts) {
    std::vector<std::string> recipients;
    for (std::size_t host = 0; host < hosts; ++host) recipients.push_back(Mailbox(host));
    Send("alice", recipients, MakeMessage(MakeSubject(), "A line.\n"));
  }
  [[nodiscard]] static std::string Map(const std::vector<Case>& cases, const ScriptedServer& server) {
    std::string map;
    for (std::size_t host = 0; host < cases.size(); ++host)
      map += LoopbackHosts::Domain(host) + ": " + server.Url(host, SchemeFor(cases[host].place)) + "\n";
    return map;
  }

  const SetupFile credential{"/etc/mailqueue/credentials/scripted", "alice:secret\n", 0600};
  const Configuration configuration{std::string("[Relay]\nMap=file:") + kMap +
                                    "\nIdleTimeout=1s\nTlsTimeout=2s\nGreetingTimeout=2s\nCommandTimeout=2s\n"
                                    "MailTimeout=2s\nRecipientTimeout=2s\nDataTimeout=2s\nBlockTimeout=2s\n"
                                    "EndTimeout=2s\n"};
};

TEST_F(Scripted, EachEndsAsItShould) {
  const auto cases = MakeCases();
  ScriptedServer server(ScriptsOf(cases));
  const SetupFile map(kMap, Map(cases, server));
  Journal journal;
  SendTo(cases.size());
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  const auto tried = ReadQueue().at(0);
  EXPECT_FALSE(HasControls(Check({"mailqueuectl"})));
  server.Behave();
  ASSERT_TRUE(FlushAll()) << DescribeQueue();

  ASSERT_EQ(tried.recipients.size(), cases.size());
  const auto bounces = MailboxText("alice");
  const auto copies = server.Copies();
  for (std::size_t host = 0; host < cases.size(); ++host) {
    const auto& result = tried.recipients[host].result;
    const auto where = cases[host].Describe() + " " + (result ? result->text : "no result");
    const auto outcome = cases[host].outcome;
    EXPECT_TRUE(result && result->outcome == outcome) << where;
    EXPECT_EQ(bounces.find(Mailbox(host)) != bounces.npos, outcome == Outcome::Failed) << where;
    const auto count = std::ranges::count_if(copies, [&](const auto& copy) {
      return copy.host == host && (outcome == Outcome::Delivered || copy.reply == ScriptedServer::kTaken);
    });
    EXPECT_EQ(count, outcome == Outcome::Failed ? 0 : 1) << where;
  }
  EXPECT_FALSE(HasControls(bounces));
  for (const auto& record : journal.Rest()) EXPECT_FALSE(HasControls(record)) << Quote(record);
}

// 5xx before MAIL is about us: the next host may think better of us.
TEST_F(Scripted, ARefusalBeforeMailLeadsToTheNextRelay) {
  std::vector<Case> cases;
  for (const char* place : {"greeting", "EHLO", "AUTH"}) cases.push_back(At(place, "554 5.7.1 not you\r\n"));
  cases.push_back(At("STARTTLS", "554 5.7.1 not you\r\n"));
  const ScriptedServer server(ScriptsOf(cases));
  std::string lines;
  for (std::size_t host = 0; host < cases.size(); ++host)
    lines += fmt::format("{}: {} {}\n", LoopbackHosts::Domain(host),
                         server.Url(host, host == 3 ? "smtp+tls://" : SchemeFor(cases[host].place)),
                         server.Url(cases.size()));
  const SetupFile map(kMap, lines);
  SendTo(cases.size());
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  const auto copies = server.Copies();
  EXPECT_EQ(copies.size(), cases.size());
  for (const auto& copy : copies) EXPECT_EQ(copy.host, cases.size());
  EXPECT_EQ(MailboxText("alice"), "");
}

// A message that is too large for the buffers between the two.
TEST_F(Scripted, AServerThatReadsNoFurtherDefers) {
  Script deaf;
  deaf.deaf = true;
  ScriptedServer server({deaf});
  const SetupFile map(kMap, LoopbackHosts::Domain(0) + ": " + server.Url(0) + "\n");
  Check({"sh", "-c", "yes 'A line that is one of many.' | head -c 20000000 | sendmail " + Mailbox(0)});
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  const auto tried = ReadQueue().at(0);
  EXPECT_NE(tried.recipients.at(0).result->text.find("while it got the message"), std::string::npos)
      << tried.recipients[0].result->text;
  server.Behave();
  ASSERT_TRUE(FlushAll()) << DescribeQueue();
  EXPECT_EQ(server.Copies().size(), 1U);
}
