// SPDX-License-Identifier: BSD-2-Clause
#include "local/relay_file.hxx"

#include "../base/home_fixture.hxx"
#include "courier/credentials.hxx"

#include <sys/stat.h>

#include <functional>
#include <vector>

namespace {

using local::FindRelays;
using local::RelaysFound;
using mail::DeliveryResult;

const std::string kConf = ".config/mailqueue/relay.conf";
const std::string kWork = ".config/mailqueue/credentials/work";

struct RelayFileTest : HomeTest {
  [[nodiscard]] RelaysFound Get(const std::string& sender = "alice@home.example") const {
    auto word = FindRelays(user, sender);
    if (const auto* result = std::get_if<DeliveryResult>(&word)) ADD_FAILURE() << result->text;
    return std::holds_alternative<RelaysFound>(word) ? std::move(std::get<RelaysFound>(word)) : RelaysFound{};
  }
  /// "STATUS TEXT" of what defers the mail; "" if nothing does.
  [[nodiscard]] std::string Why(const std::string& sender = "alice@home.example") const {
    const auto word = FindRelays(user, sender);
    const auto* const result = std::get_if<DeliveryResult>(&word);
    if (!result) return {};
    EXPECT_EQ(result->outcome, mail::Outcome::Deferred);
    return result->status + " " + result->text;
  }
  void WriteLogin() const {
    Write(kConf, "[Relay]\nHost=smtps://work@relay.example\n");
    Write(kWork, "alice:secret\n", 0600);
  }
};

TEST_F(RelayFileTest, NamesNoRelaysWhereThereIsNone) {
  EXPECT_EQ(Get().relays.where, "");
  Write(".config/mailqueue", "a file");
  EXPECT_EQ(Get().relays.where, "");
  std::filesystem::remove(PathOf(".config/mailqueue"));
  Write(kConf, "# nothing yet\n[Relay]\nHelo=me.example\n");
  EXPECT_EQ(Get().relays.where, "");
  user.home = "/nonexistent";
  EXPECT_EQ(Get().relays.where, "");
  user.home = "/";
  EXPECT_EQ(Get().relays.where, "");
}

TEST_F(RelayFileTest, NamesNoRelaysBehindALinkThatLeadsSomewhere) {
  std::filesystem::create_directory(PathOf("dotfiles"));
  Link("dotfiles", ".config");
  EXPECT_EQ(Get().relays.where, "");
  Write("dotfiles/mailqueue/relay.conf", "[Relay]\nHost=a.example\n");
  EXPECT_EQ(Get().relays.where, PathOf(kConf) + ":2");
}

TEST_F(RelayFileTest, WaitsForAHomeThatMayAppear) {
  user = {"alice", 4000, 4000, directory / "gone"};
  EXPECT_EQ(Get().relays.where, "");
  user.uid = 60177;  // of systemd-homed
  EXPECT_EQ(Why(), "4.2.1 the home directory '" + user.home + "' does not exist now");
}

TEST_F(RelayFileTest, NamesTheRelaysOfTheSender) {
  Write(kConf,
        "[Relay]\nHost=home.example\nHelo=me.example\nConnections=2\n"
        "[Relay.work]\nSenders=work.example\nHost=a.example b.example\nConnections=1\n"
        "[Relay.else]\nSenders=else.example\nInsecureAuth=yes\n");
  const auto home_relays = Get().relays;
  EXPECT_EQ(home_relays.relays, "smtp://home.example");
  EXPECT_EQ(home_relays.options, "Connections=2\nHelo=me.example\n");
  EXPECT_EQ(home_relays.where, PathOf(kConf) + ":2");
  const auto work = Get("alice@work.example");
  EXPECT_EQ(work.relays.relays, "smtp://a.example smtp://b.example");
  EXPECT_EQ(work.relays.options, "Connections=1\nHelo=me.example\n");
  EXPECT_EQ(work.relays.where, PathOf(kConf) + ":7");
  ASSERT_TRUE(work.choice);
  const auto choice = courier::ParseChoice(work.choice->Text());
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->owner, user.name);
  EXPECT_EQ(choice->relays, work.relays.relays);
  EXPECT_EQ(choice->options, work.relays.options);
  EXPECT_LE(courier::SecondsSinceBoot() - choice->made, 60U);
  EXPECT_NE(work.relays.credentials, home_relays.credentials);
  EXPECT_EQ(Get("alice@else.example").relays.relays, "smtp://home.example");
  EXPECT_EQ(Get("alice@else.example").relays.options, "Connections=2\nHelo=me.example\nInsecureAuth=yes\n");
  EXPECT_EQ(Get("").relays.relays, "smtp://home.example");
}

TEST_F(RelayFileTest, TakesTheCredentialsOfTheseRelaysAlong) {
  WriteLogin();
  Write(kConf,
        "[Relay]\nHost=smtps://work@a.example smtps://home@b.example smtps://work@c.example d.example\n");
  Write(".config/mailqueue/credentials/home", "me:pa:ss word", 0400);
  Write(".config/mailqueue/credentials/unused", "me:other", 0600);
  const auto found = Get();
  ASSERT_TRUE(found.choice);
  const auto text = found.choice->Text();
  EXPECT_EQ(courier::FindCredential(text, "work"), "alice:secret");
  EXPECT_EQ(courier::FindCredential(text, "home"), "me:pa:ss word");
  EXPECT_FALSE(courier::FindCredential(text, "unused"));
  EXPECT_EQ(found.relays.credentials.find("secret"), std::string::npos);
}

TEST_F(RelayFileTest, TellsACredentialThatHasChanged) {
  WriteLogin();
  const auto before = Get().relays.credentials;
  EXPECT_NE(before, "");
  EXPECT_EQ(Get().relays.credentials, before);
  Write(kWork, "alice:sesame\n", 0600);
  EXPECT_NE(Get().relays.credentials, before);
  std::filesystem::create_hard_link(PathOf(kWork), PathOf(".config/mailqueue/credentials/home"));
  const auto work = Get().relays.credentials;
  Write(kConf, "[Relay]\nHost=smtps://home@relay.example\n");
  EXPECT_NE(Get().relays.credentials, work) << "one file under two labels";
}

TEST_F(RelayFileTest, DefersMailThatMightGoAnotherWay) {
  struct Case {
    std::string text;
    std::string why;
  };
  const std::vector<Case> cases = {
      {"[Relay]\nHost=ftp://a.example\n", ":2: Host= is not understood"},
      {"[Relay]\nHost=lmtp:/run/lmtp\n", ":2: Host= is not understood"},
      {"[Relay.home]\nSenders=home.example\nHost=:\n", ":3: Host= is not understood"},
      {"[Relay.home]\nSenders=home.example\n",
       ":2: [Relay.home] names no relay: set Host= there or in [Relay]"},
      {"[Relay]\nHots=a.example\n", ":2: no key that [Relay] has here"},
      {"[Relay.home]\nSenders=home.example\nHost=a.example\nTlsPin=x\n",
       ":4: no key that [Relay.home] has here"},
      {"[Relay]\nTlsPins=x\n[Relay.home]\nSenders=home.example\nHost=a.example\n",
       ":2: TlsPins= is not understood"},
      {"Host=a.example\n", ":1: not understood"},
      {"[Relya]\nHost=a.example\n", ":1: no section that this file has"},
      {"account default\nhost a.example\n", ":1: not understood"},
      {"[Relay]\nHost=a.example\n[Relay.w]\nSenders=a..b\nHost=b.example\n",
       ":4: Senders= is not understood"},
  };
  for (const auto& [text, why] : cases) {
    Write(kConf, text);
    EXPECT_TRUE(Why().starts_with("4.3.5 " + PathOf(kConf) + why)) << text << Why();
  }
}

TEST_F(RelayFileTest, ReportsWhatMisleadsNobody) {
  Write(kConf,
        "[Relay]\nHost=a.example\nEndTimeout=1h\n[Relay.home]\nSenders=home.example\nHost=b.example\n"
        "[Relay.work]\nHots=c.example\nSenders=work.example\n");
  const auto relays = Get().relays;
  EXPECT_EQ(relays.relays, "smtp://b.example");
  ASSERT_EQ(relays.faults.size(), 2U);
  EXPECT_TRUE(relays.faults[0].starts_with(PathOf(kConf) + ":3: EndTimeout= is for the administrator's"));
  EXPECT_TRUE(relays.faults[1].starts_with(PathOf(kConf) + ":8: no key")) << relays.faults[1];
}

TEST_F(RelayFileTest, DefersMailWhereAFileCanNotBeTrusted) {
  struct Case {
    std::string what;
    std::function<void()> spoil;
    std::string why;
  };
  const std::string conf = "4.3.5 " + PathOf(kConf);
  const std::string work = "4.7.8 " + PathOf(kWork);
  const std::vector<Case> cases = {
      {"conf written by all", [&] { ::chmod(PathOf(kConf).c_str(), 0646); },
       conf + " can be written by everybody"},
      {"conf a directory",
       [&] {
         std::filesystem::remove(PathOf(kConf));
         std::filesystem::create_directory(PathOf(kConf));
       },
       conf + " can't be used"},
      {"conf a FIFO",
       [&] {
         std::filesystem::remove(PathOf(kConf));
         ASSERT_EQ(::mkfifo(PathOf(kConf).c_str(), 0644), 0);
       },
       conf + " can't be used"},
      {"conf a link out", [&] { Link("/etc/passwd", kConf); }, conf + " can't be used"},
      {"conf a link to nothing", [&] { Link("none", kConf); }, conf + ": leads nowhere"},
      {"folder a link to nothing", [&] { Link("none", ".config/mailqueue"); }, conf + ": leads nowhere"},
      {"folder a link to a file",
       [&] {
         Write("file", "");
         Link("../file", ".config/mailqueue");
       },
       conf + ": leads nowhere"},
      {"secret a link to nothing", [&] { Link("none", kWork); }, work + ": leads nowhere"},
      {"conf too large", [&] { Write(kConf, std::string(local::kMaxRelayFile + 1, '#')); },
       conf + " is larger than"},
      {"home written by all", [&] { ::chmod(home.c_str(), 0757); }, conf + " is not used, because the home"},
      {"folder written by all", [&] { ::chmod(PathOf(".config/mailqueue").c_str(), 0757); },
       conf + " can't be used"},
      {"secret read by the group", [&] { ::chmod(PathOf(kWork).c_str(), 0640); },
       work + " is open to others: shut it with chmod 600 " + PathOf(kWork)},
      {"secret read by all", [&] { ::chmod(PathOf(kWork).c_str(), 0604); }, work + " is open to others"},
      {"secret a link out", [&] { Link("/etc/passwd", kWork); }, work + " can't be used"},
      {"secret too large", [&] { Write(kWork, "a:" + std::string(5000, 'x'), 0600); },
       work + " is larger than"},
      {"secret without user", [&] { Write(kWork, "secret\n", 0600); },
       work + " is not of the form user:password"},
      {"secret of two lines", [&] { Write(kWork, "a:b\nc:d\n", 0600); }, work + " is not of the form"},
      {"secret empty", [&] { Write(kWork, "", 0600); }, work + " is not of the form"},
      {"secret missing", [&] { std::filesystem::remove(PathOf(kWork)); },
       "4.7.8 No credential for 'work': write user:password to " + PathOf(kWork)},
  };
  for (const auto& [what, spoil, why] : cases) {
    std::filesystem::remove_all(PathOf(".config"));
    ASSERT_EQ(::chmod(home.c_str(), 0755), 0);
    WriteLogin();
    ASSERT_EQ(Why(), "") << what;
    spoil();
    EXPECT_TRUE(Why().starts_with(why)) << what << ": " << Why();
    EXPECT_EQ(Why().find("secret\n"), std::string::npos);
  }
}

}  // namespace
