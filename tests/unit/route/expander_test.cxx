// SPDX-License-Identifier: BSD-2-Clause
#include "route/expander.hxx"

#include "base/user.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace {

using route::Courier;
using route::End;
using route::Expansion;

route::UserFound LookUp(const std::string& name) {
  static const std::map<std::string, uid_t> kUsers = {{"root", 0},         {"alice", 1000}, {"bob", 1001},
                                                      {"carol", 1002},     {"a b", 1003},   {"al+ias", 1004},
                                                      {"aliases-do", 900}, {"daemon", 1}};
  if (name == "slow") return route::LookupFailed{"timeout"};
  const auto found = kUsers.find(name);
  if (found == kUsers.end()) return route::NoUser{};
  return route::User{name, found->second, "/home/" + name};
}

config::RelayList Relays(const std::string& text) {
  std::string bad;
  return config::RelayList::Parse(text, bad);
}

// The ends, one word each, sorted: what a test compares.
std::string Show(const End& end) {
  const auto* const route = end.GetRoute();
  if (!route) {
    const auto& result = std::get<mail::DeliveryResult>(end.where);
    return std::string(ToString(result.outcome)) + ":" + result.status;
  }
  const std::string who = route->forward ? end.user + "?" : end.user;
  if (route->own_relays) return end.address + "@" + route->owner + "?";
  switch (route->courier) {
    case Courier::Relay:
      return end.user.empty() ? end.address : "lmtp:" + end.address;
    case Courier::Command:
      return who + route->destination;
    case Courier::Deliver:
      break;
  }
  return route->destination == "/var/mail/%u" ? who : who + ":" + route->destination;
}

struct ExpanderTest : testing::Test {
  config::Settings settings;
  route::Tables tables;
  const route::UserLookup users = LookUp;
  std::filesystem::path directory;

  ExpanderTest() {
    std::string pattern = testing::TempDir() + "expander.XXXXXX";
    directory = ::mkdtemp(pattern.data());
    settings.mail.hostname = "host.example.org";
    settings.mail.domain = "example.org";
    settings.mail.local_domains = {"localhost", "host.example.org"};
    settings.relay.common.hosts = Relays("smtp+tls://me@relay.example.org:587");
    settings.local.alias_user = "aliases-do";
    Aliases("");
  }
  ~ExpanderTest() override { std::filesystem::remove_all(directory); }

  std::string Write(const std::string& name, const std::string& text) const {
    const auto path = (directory / name).string();
    std::ofstream(path) << text;
    return path;
  }
  void Aliases(const std::string& text) {
    settings.local.aliases = {config::TableSpec::Kind::File, Write("aliases", text)};
  }
  Expansion Expand(const std::string& address, const std::string& sender = "sender@example.net") {
    tables.Use(settings);
    return route::Expander(settings, tables, users).Expand(address, sender);
  }
  Expansion Follow(const End& asked, const std::string& forward,
                   const std::string& path = "/home/x/.forward") {
    return route::Expander(settings, tables, users)
        .Follow(asked, mail::ParseDestinations(forward).entries, path);
  }
  static std::string Show(const Expansion& expansion) {
    std::vector<std::string> words;
    for (const auto& end : expansion.ends) words.push_back(::Show(end));
    std::ranges::sort(words);
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
  }
};

TEST_F(ExpanderTest, KnowsUsersAndServers) {
  const struct {
    const char* address;
    const char* ends;
  } cases[] = {
      {"alice", "alice?"},
      {"alice@localhost", "alice?"},
      {"alice@HOST.Example.ORG", "alice?"},
      {"Alice@localhost", "alice?"},
      {"\"alice\"@localhost", "alice?"},
      {"\"a b\"@localhost", "a b?"},
      {"alice+news@localhost", "alice?"},
      {"al+ias", "al+ias?"},
      {"postmaster@localhost", "root?"},
      {"PostMaster", "root?"},
      {"MAILER-DAEMON@localhost", "root?"},
      {"nobody-here@localhost", "failed:5.1.1"},
      {"+x", "failed:5.1.1"},
      {"slow", "deferred:4.3.0"},
      {"a b@example.net", "failed:5.1.3"},
      {"bob@example.net", "bob@example.net"},
      {"alice@example.org", "alice@example.org"},
      {"alice@sub.localhost", "alice?"},
      {"alice@sub.localhost.net", "alice@sub.localhost.net"},
  };
  for (const auto& [address, ends] : cases) EXPECT_EQ(Show(Expand(address)), ends) << address;
}

// There is a root everywhere, so the user database is at fault: nobody else may be left to tell.
TEST_F(ExpanderTest, NeverFailsForRoot) {
  const route::UserLookup nobody = [](const std::string&) { return route::NoUser{}; };
  tables.Use(settings);
  for (const auto* const name : {"root", "ROOT", "postmaster", "MAILER-DAEMON", "root+x"}) {
    route::Expander expander(settings, tables, nobody);
    const auto expansion = expander.Expand(name, "", route::NoUser{});
    ASSERT_EQ(expansion.ends.size(), 1u) << name;
    EXPECT_EQ(::Show(expansion.ends[0]), "deferred:4.3.0") << name;
  }
}

struct OwnRelaysTest : ExpanderTest {
  route::UserFound submitter = route::User{"alice", 1000};

  OwnRelaysTest() {
    settings.relay.user_relays = true;
    Aliases("list: ext@example.net\n");
  }
  Expansion ExpandOf(const std::string& address, const std::string& sender = "alice@example.org") {
    tables.Use(settings);
    return route::Expander(settings, tables, users).Expand(address, sender, submitter);
  }
};

TEST_F(OwnRelaysTest, AreAskedForWhereTheSubmitterHasWrittenTheAddress) {
  const auto expansion = ExpandOf("bob@example.net");
  EXPECT_EQ(Show(expansion), "bob@example.net@alice?");
  const auto& end = expansion.ends.at(0);
  ASSERT_TRUE(end.AsksRelays() && !end.AsksForward());
  EXPECT_EQ(end.GetRoute()->courier, Courier::Deliver);
  EXPECT_EQ(end.GetRoute()->uid, 1000U);
  EXPECT_EQ(end.GetRoute()->sender, "alice@example.org");
  const auto& otherwise = std::get<route::Route>(end.otherwise);
  EXPECT_EQ(otherwise.courier, Courier::Relay);
  EXPECT_EQ(otherwise.destination, "smtp+tls://me@relay.example.org:587");
  EXPECT_EQ(otherwise.sender, "alice@example.org");
  EXPECT_TRUE(otherwise.leaves);
  EXPECT_EQ(end.Key(), route::RemoteKey("bob@example.net")) << "one copy, whoever else leads there";
}

TEST_F(OwnRelaysTest, AreNotAskedForOtherwise) {
  EXPECT_EQ(Show(ExpandOf("list")), "ext@example.net") << "an alias is the machine's";
  EXPECT_EQ(Show(ExpandOf("bob")), "bob?");
  EXPECT_EQ(Show(Follow(ExpandOf("bob").ends.at(0), "ext@example.net")), "ext@example.net");
  EXPECT_EQ(Show(ExpandOf("bob@example.net", "")), "bob@example.net") << "a bounce is nobody's";
  submitter = route::NoUser{};
  EXPECT_EQ(Show(ExpandOf("bob@example.net")), "bob@example.net");
  submitter = route::User{"alice", 1000};
  settings.relay.user_relays = false;
  EXPECT_EQ(Show(ExpandOf("bob@example.net")), "bob@example.net");
}

TEST_F(OwnRelaysTest, ComeBehindWhatTheAdministratorSaysOfTheRecipient) {
  auto& section = settings.relay.named.emplace_back();
  section.name = "work";
  section.recipients = {"work.example"};
  section.senders = {"alice@example.org"};
  section.hosts = Relays("smtp://work.example");
  settings.relay.map = {config::TableSpec::Kind::Static, "map.example=smtp://map.example"};
  EXPECT_EQ(Show(ExpandOf("bob@work.example")), "bob@work.example");
  EXPECT_EQ(Show(ExpandOf("bob@map.example")), "bob@map.example");
  const auto expansion = ExpandOf("bob@example.net");
  EXPECT_EQ(Show(expansion), "bob@example.net@alice?");
  EXPECT_EQ(std::get<route::Route>(expansion.ends[0].otherwise).destination, "smtp://work.example");
}

TEST_F(OwnRelaysTest, ComeBeforeARefusalOfTheMachine) {
  settings.relay.common.hosts = {};
  settings.relay.common.bad_hosts = true;
  const auto expansion = ExpandOf("bob@example.net");
  EXPECT_EQ(Show(expansion), "bob@example.net@alice?");
  EXPECT_EQ(std::get<mail::DeliveryResult>(expansion.ends[0].otherwise).status, "4.3.5");
  settings.local.enabled = false;
  EXPECT_EQ(Show(ExpandOf("bob")), "bob@example.org@alice?") << "a null client has no mailboxes";
}

TEST_F(OwnRelaysTest, DeferMailOfWhomTheUserDatabaseDoesNotTell) {
  submitter = route::LookupFailed{"timeout"};
  EXPECT_EQ(Show(ExpandOf("bob@example.net")), "deferred:4.3.0");
  EXPECT_TRUE(ExpandOf("bob@example.net").unanswered);
  EXPECT_EQ(Show(ExpandOf("bob")), "bob?");
}

TEST_F(ExpanderTest, FollowsAliases) {
  Aliases(
      "root: alice\n"
      "Team: alice, bob, \"ext\"@example.net\n"
      "alice: alice, ext@example.net\n"
      "ring1: ring2\n"
      "ring2: ring1, bob\n"
      "ring3: ring4\n"
      "ring4: ring3\n"
      "carol+x: carol+x\n"
      "own: own, bob\n"
      "*: carol\n"
      "dropped: /dev/null, error:4.2.1 later, error:gone\n"
      "news+de: bob\n"
      "news: carol\n"
      "gone: error:550 5.2.1 moved to example.net\n"
      "null: /dev/null\n"
      "box: \\alice\n"
      "file: /srv/mail/file\n"
      "maildir: /srv/mail/dir/\n"
      "command: \"|/usr/bin/tool -a 'b c'\"\n"
      "typo: \"|unclosed\n"
      "half: bob, alice@\n"
      "left: :fail: bob has left\n"
      "away: :defer: bob is away\n"
      "unknown: :unknown:\n"
      "hole: :blackhole:\n"
      "special: bob, :fial: bob has left\n"
      "shell: bob, \"|/bin/cat >>/srv/log\"\n"
      "listed: :include:" +
      Write("listed", "alice\n:nobody: bob\n") + "\n");
  const struct {
    const char* address;
    const char* ends;
  } cases[] = {
      {"root", "alice? ext@example.net"},
      {"TEAM@localhost", "alice? bob? ext@example.net ext@example.net"},
      {"alice", "alice? ext@example.net"},
      {"ring1", "bob?"},
      {"ring3", "failed:5.4.6"},
      {"carol+x", "carol?"},
      {"own", "bob?"},
      {"dropped", "deferred:4.2.1 delivered:2.0.0 failed:5.1.1"},
      {"news+de", "bob?"},
      {"news+fr", "carol?"},
      {"gone", "failed:5.2.1"},
      {"null", "delivered:2.0.0"},
      {"box", "alice"},
      {"file", "aliases-do:/srv/mail/file"},
      {"maildir", "aliases-do:/srv/mail/dir/"},
      {"command", "aliases-do|/usr/bin/tool -a 'b c'"},
      {"typo", "deferred:4.3.5"},
      {"half", "bob?"},
      {"left", "failed:5.1.1"},
      {"away", "deferred:4.3.0"},
      {"unknown", "failed:5.1.1"},
      {"hole", "delivered:2.0.0"},
      {"special", "deferred:4.3.5"},
      {"shell", "bob? deferred:4.3.5"},
      {"listed", "alice? deferred:4.3.5 ext@example.net"},
      {"team@example.net", "team@example.net"},
  };
  for (const auto& [address, ends] : cases) EXPECT_EQ(Show(Expand(address)), ends) << address;
  EXPECT_FALSE(Expand("half").faults.empty());
  std::set<std::string> keys;
  for (const auto& end : Expand("dropped").ends) keys.insert(end.Key());
  EXPECT_EQ(keys.size(), 3U) << "what is thrown away does not stand for what has to wait";
  EXPECT_FALSE(Expand("ring1").faults.empty()) << "the administrator is told of the circle";
}

TEST_F(ExpanderTest, TellsTheFileAndLine) {
  Aliases("# first\n\nteam:\n bob\n");
  const auto expansion = Expand("team");
  ASSERT_EQ(expansion.steps.size(), 2U);
  EXPECT_EQ(expansion.steps[0].where, settings.local.aliases.text + ":3");
  EXPECT_EQ(expansion.steps[1].what, "bob");
  EXPECT_EQ(expansion.steps[1].place, settings.local.aliases.text + ":4");
  EXPECT_EQ(expansion.steps[1].depth, 1U);
  EXPECT_EQ(expansion.steps[1].end, 0U);
}

TEST_F(ExpanderTest, TellsWhereAnEntryStands) {
  const auto list = Write("list", "# two\nbob\n");
  Aliases("one: bob\nlist: :include:" + list + "\nring1: ring2\nring2: ring1, bob\n");
  EXPECT_EQ(Expand("one").steps.back().place, "") << "the step above says it";
  EXPECT_EQ(Expand("list").steps.back().place, list + ":2");
  const auto ring = Expand("ring1");
  ASSERT_EQ(ring.steps.size(), 4U);
  EXPECT_TRUE(ring.steps[2].is_circle && !ring.steps[3].is_circle);
  const auto followed = route::Expander(settings, tables, users)
                            .Follow(Expand("alice").ends.at(0),
                                    {{mail::Destination::Kind::Address, "bob", 3},
                                     {mail::Destination::Kind::User, "", 1, "/home/alice/list"}},
                                    "/home/alice/.forward");
  EXPECT_EQ(followed.steps.at(0).place, "/home/alice/.forward:3");
  EXPECT_EQ(followed.steps.at(1).place, "/home/alice/list:1");
}

TEST_F(ExpanderTest, TellsTheLineOfAFaultWithinAnEntry) {
  Aliases("# first\nteam:\n bob,\n <>x,\n carol\n");
  const auto expansion = Expand("team");
  EXPECT_EQ(Show(expansion), "bob? carol?");
  ASSERT_EQ(expansion.faults.size(), 1U);
  EXPECT_TRUE(expansion.faults[0].starts_with(settings.local.aliases.text + ":4: ")) << expansion.faults[0];
}

TEST_F(ExpanderTest, HasACatchAllForUnknownNames) {
  Aliases("*: bob\n");
  EXPECT_EQ(Show(Expand("whoever@localhost")), "bob?");
  EXPECT_EQ(Show(Expand("alice")), "alice?");
  Aliases("*: whoever\n");
  EXPECT_EQ(Show(Expand("x")), "failed:5.1.1");
}

TEST_F(ExpanderTest, LetsTheOwnerOfAListHaveItsBounces) {
  Aliases("list: bob, ext@example.net\nowner-list: alice\n");
  for (const auto& end : Expand("list").ends) EXPECT_EQ(end.GetRoute()->sender, "owner-list");
  for (const auto& end : Expand("list", "").ends) EXPECT_EQ(end.GetRoute()->sender, "");
  EXPECT_EQ(Expand("owner-list").ends[0].GetRoute()->sender, "sender@example.net");
}

TEST_F(ExpanderTest, EndsWhereFilesNestOrGrowTooFar) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "n" + std::to_string(i) + ": n" + std::to_string(i + 1) + "\n";
  for (const char* name : {"a", "b", "c"}) {
    std::string list;
    for (int i = 0; i < 9000; ++i) list += name + std::to_string(i) + "@example.net\n";
    text += std::string(name) + ": :include:" + Write(name, list) + "\n";
  }
  Aliases(text + "many: a, b, c\n");
  EXPECT_EQ(Show(Expand("n0")), "failed:5.4.6");
  EXPECT_EQ(Show(Expand("n80")), "failed:5.1.1");
  EXPECT_EQ(Expand("a").ends.size(), 9000U);
  const auto many = Expand("many");
  EXPECT_EQ(many.ends.size(), route::Expander::kMaxEnds + 1);
  EXPECT_EQ(::Show(many.ends.back()), "deferred:4.3.5") << "the rest is not lost";
  EXPECT_FALSE(many.faults.empty());
}

TEST_F(ExpanderTest, KeepsMailThatATableWithATypingErrorMayKnow) {
  settings.route.virtual_users = {config::TableSpec::Kind::Bad, "sqlite:/x SELEC ?"};
  EXPECT_EQ(Show(Expand("nobody-here")), "deferred:4.3.5");
  EXPECT_EQ(Show(Expand("bob")), "bob?") << "who needs no table need not wait";
}

TEST_F(ExpanderTest, KeepsMailThatAFileOfTheConfigurationMayDecide) {
  settings.incomplete = true;
  EXPECT_EQ(Show(Expand("nobody-here")), "deferred:4.3.5");
  EXPECT_EQ(Show(Expand("bob@example.net")), "deferred:4.3.5") << "not over another relay than was meant";
  EXPECT_EQ(Show(Expand("bob")), "bob?");
}

TEST_F(ExpanderTest, NamesAPlaceOnceHoweverItIsWritten) {
  const auto at = [this](const std::string& entry) {
    return Follow(Expand("alice").ends.at(0), entry).ends.at(0).Key();
  };
  EXPECT_EQ(at("/var/mail/alice"), Expand("alice").ends.at(0).PlaceKey());
  for (const char* same : {"/home/alice/mbox", "~/./mbox", "~//mbox", "/home//alice/./mbox"})
    EXPECT_EQ(at(same), at("~/mbox")) << same;
  for (const char* other : {"~/mbox/", "/home/alice2/mbox", "~/Mbox", "/mbox"})
    EXPECT_NE(at(other), at("~/mbox")) << other;
}

// Reports name the user whose file it is.
TEST_F(ExpanderTest, ShowsNothingOfAPrivateForwardFile) {
  using Kind = mail::Destination::Kind;
  Aliases("list: nosuch2\n");
  const auto asked = Expand("alice").ends.at(0);
  const std::vector<mail::Destination> destinations = {
      {Kind::User, "nosuch1", 1},
      {Kind::Address, "list", 2},
      {Kind::Error, "5.7.1 not wanted", 3},
      {Kind::Fault, "4.2.0 Forward file '/s/list' is gone", 4}};
  for (const bool is_private : {false, true}) {
    const auto all = route::Expander(settings, tables, users)
                         .Follow(asked, destinations, "/home/alice/.forward", is_private);
    std::string told;
    for (const auto& end : all.ends)
      told += end.AddressForOthers() + " " + std::get<mail::DeliveryResult>(end.where).text + "\n";
    for (const char* name : {"nosuch1", "nosuch2", "/s/list"})
      EXPECT_EQ(told.find(name) == told.npos, is_private) << name << " in\n" << told;
    EXPECT_NE(told.find("not wanted"), told.npos) << told;
    EXPECT_EQ(all.faults.size(), is_private ? 1U : 0U) << "the user is told";
  }
}

TEST_F(ExpanderTest, FollowsAForwardFileAsItsUserThoughTheUserDatabaseIsGone) {
  const auto asked = Expand("alice").ends.at(0);
  const route::UserLookup gone = [](const std::string&) { return route::LookupFailed{"timeout"}; };
  route::Expander expander(settings, tables, gone);
  for (const char* path : {"", "/home/alice/.forward"}) {
    const auto followed =
        expander.Follow(asked, {{mail::Destination::Kind::File, "/srv/alice/box", 1}}, path);
    EXPECT_EQ(followed.ends.at(0).GetRoute()->uid, 1000U) << path;
  }
}

TEST_F(ExpanderTest, TellsWhatMayBeAnsweredSoon) {
  EXPECT_FALSE(Expand("alice").unanswered);
  EXPECT_FALSE(Expand("nobody").unanswered);
  EXPECT_TRUE(Expand("slow").unanswered);
  Aliases("list: alice, slow\nfile: /srv/box\n");
  EXPECT_TRUE(Expand("list").unanswered);
  settings.local.alias_user = "slow";
  EXPECT_TRUE(Expand("file").unanswered);
  const route::UserLookup doubtful = [](const std::string&) {
    return route::LookupFailed{"in an hour", true};
  };
  route::Expander expander(settings, tables, doubtful);
  EXPECT_EQ(Show(expander.Expand("alice", "")), "deferred:4.3.0");
  EXPECT_FALSE(expander.Expand("alice", "").unanswered);
}

TEST_F(ExpanderTest, TellsTheLineOfTheConfigurationThatDecided) {
  settings.places = {
      {"[Local] Mailbox=", "c:1"}, {"[Route] VirtualUsers=", "c:2"}, {"[Local] Enabled=", "c:3"}};
  settings.route.virtual_users = {config::TableSpec::Kind::Static, "info@example.net=bob"};
  const auto expansion = Expand("info@example.net");
  EXPECT_EQ(expansion.steps.at(0).where, "[Route] VirtualUsers=, c:2");
  EXPECT_EQ(expansion.steps.at(1).where, "[Local] Mailbox=, c:1");
  settings.local.enabled = false;
  EXPECT_EQ(Expand("bob").steps.at(0).where, "[Local] Enabled=, c:3; [Relay] Host=");
}

TEST_F(ExpanderTest, GivesRootsMailToNoCommand) {
  settings.local.mailbox = "|/usr/bin/procmail";
  const auto ends = Expand("root").ends;
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].GetRoute()->courier, Courier::Deliver);
  EXPECT_EQ(ends[0].GetRoute()->destination, "/var/mail/%u");
  EXPECT_EQ(Follow(Expand("bob").ends.at(0), "", "").ends.at(0).GetRoute()->courier, Courier::Command);
}

TEST_F(ExpanderTest, EndsWhereListsBranchAtEachStep) {
  std::string text;
  for (char name = 'a'; name < 'w'; ++name) {
    text += std::string(1, name) + "=";
    for (char other = 'a'; other < 'w'; ++other) text += std::string(1, other) + ", ";
    text += "bob; ";
  }
  settings.local.aliases = {config::TableSpec::Kind::Static, text};
  const auto expansion = Expand("a");
  EXPECT_LE(expansion.steps.size(), route::Expander::kMaxSteps + 1);
  EXPECT_LE(expansion.faults.size(), route::Expander::kMaxFaults);
  EXPECT_EQ(::Show(expansion.ends.front()), "bob?");
  EXPECT_EQ(::Show(expansion.ends.back()), "deferred:4.3.5");
}

TEST_F(ExpanderTest, DefersWhatIsBehindTheLimitsOfAList) {
  std::string bad;
  for (int i = 0; i < 200; ++i) bad += "<>x\n";
  std::string deep = "alice\n";
  for (int i = 0; i < 40; ++i) deep = ":include:" + Write("deep" + std::to_string(i), deep) + "\n";
  Aliases("bad: :include:" + Write("bad", "bob\n" + bad + "alice\n") + "\ndeep: " + deep);
  EXPECT_EQ(Show(Expand("bad")), "bob? deferred:4.3.5");
  EXPECT_EQ(Show(Expand("deep")), "failed:5.4.6");
}

TEST_F(ExpanderTest, ReadsIncludedFiles) {
  const auto list = Write("list", "bob, ext@example.net\n\"|/bin/tool\"\n");
  Aliases("list: :include:" + list + "\nnone: :include:" + list + ".none\nself: :include:" + list +
          ".self\n");
  Write("list.self", "bob, :include:" + list + ".self\n");
  EXPECT_EQ(Show(Expand("none")), "deferred:4.3.5");
  EXPECT_EQ(Show(Expand("self")), "bob?");
  if (::geteuid() != 0) return;  // whose it is matters
  EXPECT_EQ(Show(Expand("list")), "aliases-do|/bin/tool bob? ext@example.net");
  ASSERT_EQ(::chown(list.c_str(), 54321, 0), 0);
  const auto expansion = Expand("list");
  EXPECT_EQ(Show(expansion), "bob? ext@example.net") << "nobody has that uid";
  EXPECT_EQ(expansion.faults.size(), 1U);
  // The directory is root's, the file a system user's whom the machine has.
  const auto owner = ::FindUser("daemon");
  ASSERT_TRUE(owner);
  ASSERT_EQ(::chmod(directory.c_str(), 0755), 0);
  ASSERT_EQ(::chown(list.c_str(), owner->uid, owner->gid), 0);
  EXPECT_EQ(Show(Expand("list")), "bob? daemon|/bin/tool ext@example.net");
  ASSERT_EQ(::chown(list.c_str(), owner->uid, 12345), 0);
  ASSERT_EQ(::chmod(list.c_str(), 0664), 0);
  EXPECT_EQ(Show(Expand("list")), "bob? ext@example.net") << "a group can write it";
  ASSERT_EQ(::chmod(list.c_str(), 0644), 0);
  ASSERT_EQ(::chown(directory.c_str(), 12345, 0), 0);
  EXPECT_EQ(Show(Expand("list")), "bob? ext@example.net") << "another can have put it there";
  ASSERT_EQ(::chmod(list.c_str(), 0666), 0);
  EXPECT_EQ(Show(Expand("list")), "deferred:4.3.5");
}

TEST_F(ExpanderTest, DoesNotWaitForAnIncludedFifo) {
  const auto fifo = (directory / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0644), 0);
  Aliases("list: :include:" + fifo + "\nzero: :include:/dev/zero\n");
  EXPECT_EQ(Show(Expand("list")), "deferred:4.3.5");
  EXPECT_EQ(Show(Expand("zero")), "deferred:4.3.5");
}

TEST_F(ExpanderTest, FollowsVirtualUsers) {
  settings.route.virtual_users = {config::TableSpec::Kind::File,
                                  Write("virtual",
                                        "info@shop.example bob\n"
                                        "carol: alice\n"
                                        "@shop.example carol@localhost\n"
                                        "bob@localhost: bob, ext@example.net\n")};
  EXPECT_EQ(Show(Expand("info@shop.example")), "bob?");
  EXPECT_EQ(Show(Expand("info+x@SHOP.example")), "bob?");
  EXPECT_EQ(Show(Expand("carol")), "alice?");
  EXPECT_EQ(Show(Expand("any@shop.example")), "alice?");
  EXPECT_EQ(Show(Expand("bob@localhost")), "bob? ext@example.net");
  EXPECT_EQ(Show(Expand("carol@example.net")), "carol@example.net");
}

// As in virtual(5) of Postfix, this is how an address is left out of what "@domain" catches.
TEST_F(ExpanderTest, AVirtualUserThatNamesItselfIsNotCaughtByItsDomain) {
  settings.mail.local_domains.emplace_back("shop.example");
  settings.route.virtual_users = {config::TableSpec::Kind::File,
                                  Write("virtual",
                                        "alice@shop.example alice@shop.example\n"
                                        "bob@shop.example bob+shop@shop.example, ext@example.net\n"
                                        "self@else.example self@else.example\n"
                                        "@shop.example carol@localhost\n"
                                        "@else.example carol@localhost\n")};
  EXPECT_EQ(Show(Expand("alice@shop.example")), "alice?");
  EXPECT_EQ(Show(Expand("alice+x@shop.example")), "alice?");
  EXPECT_EQ(Show(Expand("bob@shop.example")), "bob? ext@example.net");
  EXPECT_EQ(Show(Expand("self@else.example")), "self@else.example");
  EXPECT_EQ(Show(Expand("root@shop.example")), "carol?");
}

TEST_F(ExpanderTest, SendsEverythingOnFromANullClient) {
  settings.local.enabled = false;
  EXPECT_EQ(Show(Expand("root")), "root@example.org");
  EXPECT_EQ(Show(Expand("alice@localhost")), "alice@example.org") << "no other machine knows that domain";
  EXPECT_EQ(Show(Expand("alice@[127.0.0.1]")), "alice@example.org");
  EXPECT_EQ(Show(Expand("alice@host.example.org")), "alice@host.example.org");
}

TEST_F(ExpanderTest, HasOfANullClientTheMailOfItsNamesReadByWhomTheAliasesName) {
  settings.local.enabled = false;
  Aliases("root: me@example.net, \\alice\nteam: root, bob\nself: self\n");
  for (const auto* name : {"root", "root@localhost", "root@host.example.org", "ROOT", "postmaster",
                           "MAILER-DAEMON", "root+cron@[IPv6:::1]"})
    EXPECT_EQ(Show(Expand(name)), "alice@example.org me@example.net") << name;
  EXPECT_EQ(Show(Expand("team")), "alice@example.org bob@example.org me@example.net");
  EXPECT_EQ(Show(Expand("self")), "self@example.org");
  EXPECT_EQ(Show(Expand("root@example.org")), "root@example.org") << "a domain of others' mailboxes, too";
  EXPECT_EQ(Show(Expand("root@example.com")), "root@example.com");
  Aliases("*: me@example.net\n");
  EXPECT_EQ(Show(Expand("bob")), "me@example.net");
}

TEST_F(ExpanderTest, GivesRootsOtherNamesToRootsAlias) {
  Aliases("root: alice, me@example.net\n");
  for (const auto* name : {"postmaster", "mailer-daemon@localhost"})
    EXPECT_EQ(Show(Expand(name)), "alice? me@example.net") << name;
  Aliases("root: postmaster\npostmaster: root\n");
  EXPECT_EQ(Show(Expand("root")), "root?");
}

TEST_F(ExpanderTest, KeepsNamesOfThisMachineHere) {
  for (const auto* domain : {"localhost", "LOCALHOST", "localhost.localdomain", "mail.localhost",
                             "ip6-localhost", "[127.0.0.1]", "[127.1.2.3]", "[0.0.0.0]", "[IPv6:::1]",
                             "[ipv6:::1]", "[IPv6:::]", "[IPv6:::ffff:127.0.0.1]", "[IPv6:0:0:0:0:0:0:0:1]"})
    EXPECT_EQ(Show(Expand(std::string("bob@") + domain)), "bob?") << domain;
  for (const auto* domain : {"[192.0.2.1]", "[IPv6:2001:db8::1]", "localhost.example.net", "notlocalhost"})
    EXPECT_EQ(Show(Expand(std::string("bob@") + domain)), std::string("bob@") + domain);
}

TEST_F(ExpanderTest, TellsPeopleOfTheAliasAndNotOfWhomItsCommandsRunAs) {
  Aliases("log: \"|/bin/tool\", /srv/log\nlist: log\n");
  for (const auto* address : {"log", "list"})
    for (const auto& end : Expand(address).ends) {
      EXPECT_EQ(end.address, "log@host.example.org");
      EXPECT_EQ(end.user, "aliases-do");
    }
  settings.route.virtual_users = {config::TableSpec::Kind::File,
                                  Write("virtual", "x@example.net |/bin/tool\n")};
  EXPECT_EQ(Expand("x@example.net").ends.at(0).address, "x@example.net");
  EXPECT_EQ(Follow(Expand("alice").ends.at(0), "|/bin/tool").ends.at(0).address, "alice@host.example.org");
}

TEST_F(ExpanderTest, RefusesMailForOtherMachinesWhereThereIsNoRelay) {
  settings.relay.common.hosts = {};
  settings.relay.common.no_hosts = true;
  EXPECT_EQ(Show(Expand("bob@example.net")), "failed:5.1.2");
  EXPECT_EQ(Show(Expand("bob@[192.0.2.1]")), "failed:5.1.2");
  EXPECT_EQ(Show(Expand("bob")), "bob?");
  config::RelaySection work{.name = "work", .hosts = Relays("work.example"), .recipients = {"work.example"}};
  settings.relay.named = {work};
  EXPECT_EQ(Show(Expand("bob@work.example")), "bob@work.example");
}

TEST_F(ExpanderTest, ChoosesTheRelayBySenderAndRecipient) {
  config::RelaySection work{.name = "work", .hosts = Relays("work.example"), .senders = {"me@work.example"}};
  work.places["Senders"] = "/etc/conf:7";
  settings.relay.named.push_back(work);
  settings.relay.common.options["Connections"] = "2";
  const auto expansion = Expand("bob@example.net", "me@work.example");
  ASSERT_EQ(expansion.ends.size(), 1U);
  const auto* const route = expansion.ends[0].GetRoute();
  EXPECT_EQ(route->destination, "smtp://work.example");
  EXPECT_EQ(route->options, "Connections=2\n");
  EXPECT_TRUE(route->leaves);
  EXPECT_EQ(expansion.steps.back().where, "[Relay.work] Senders=, /etc/conf:7");
  EXPECT_EQ(Expand("bob@example.net").ends[0].GetRoute()->destination, "smtp+tls://me@relay.example.org:587");
  settings.relay.map = {config::TableSpec::Kind::Socket, "/nonexistent"};
  EXPECT_EQ(Show(Expand("bob@example.net")), "deferred:4.3.0");
  settings.local.enabled = false;
  EXPECT_EQ(Show(Expand("bob")), "deferred:4.3.0");
}

TEST_F(ExpanderTest, WhatAUserForwardsHasTheSenderOfForwards) {
  settings.relay.named.push_back(
      {.name = "fwd", .hosts = Relays("forwards.example"), .senders = {"alice-fwd@example.org"}});
  settings.route.forward_sender = "%u-fwd";
  const auto asked = Expand("alice");
  EXPECT_EQ(Follow(asked.ends.at(0), "ext@example.net").ends.at(0).GetRoute()->destination,
            "smtp://forwards.example");
}

TEST_F(ExpanderTest, FollowsAForwardFile) {
  const auto asked = Expand("alice+news");
  ASSERT_EQ(asked.ends.size(), 1U);
  EXPECT_EQ(asked.ends[0].GetRoute()->extension, "news");
  const struct {
    const char* forward;
    const char* ends;
  } cases[] = {
      {"alice", "alice"},
      {"\\alice, ext@example.net", "alice ext@example.net"},
      {"!", "alice"},
      {"bob", "bob?"},
      {"\"|/usr/bin/vacation alice\", !alice", "alice alice|/usr/bin/vacation alice"},
      {"~/Maildir/", "alice:~/Maildir/"},
      {"/srv/mail/alice", "alice:/srv/mail/alice"},
      {"/srv/100%u", "alice:/srv/100%%u"},
      {"\\nobody-here", "failed:5.1.1"},
  };
  for (const auto& [forward, ends] : cases) EXPECT_EQ(Show(Follow(asked.ends[0], forward)), ends) << forward;
  EXPECT_EQ(Show(Follow(asked.ends[0], "\\", {})), "alice");
}

TEST_F(ExpanderTest, EndsWhereForwardFilesGoInCircles) {
  const auto alice = Expand("alice");
  const auto bob = Follow(alice.ends[0], "bob");
  ASSERT_EQ(Show(bob), "bob?");
  EXPECT_EQ(Show(Follow(bob.ends[0], "alice")), "alice");
}

TEST_F(ExpanderTest, AForwardFileThatNamesItsListMeansTheMailbox) {
  Aliases("team: alice, bob\n");
  const auto team = Expand("team");
  ASSERT_EQ(Show(team), "alice? bob?");
  const auto alice = Follow(team.ends[0], "team");
  EXPECT_EQ(Show(alice), "alice bob?");
  EXPECT_EQ(alice.ends[1].GetRoute()->head,
            "Delivered-To: team@host.example.org\nDelivered-To: alice@host.example.org\n");
}

TEST_F(ExpanderTest, MailerDaemonIsRootWhateverTheDelimiter) {
  settings.local.recipient_delimiter = "-";
  EXPECT_EQ(Show(Expand("mailer-daemon")), "root?");
  EXPECT_EQ(Show(Expand("postmaster-x")), "root?");
}

TEST_F(ExpanderTest, MarksWhatIsSentOn) {
  Aliases("team: alice\n");
  const auto alice = Expand("team");
  EXPECT_EQ(alice.ends[0].GetRoute()->head, "Delivered-To: team@host.example.org\n");
  const auto on = Follow(alice.ends[0], "ext@example.net, \\alice");
  EXPECT_EQ(on.ends[0].GetRoute()->head,
            "Delivered-To: alice@host.example.org\nDelivered-To: team@host.example.org\n");
  EXPECT_EQ(on.ends[1].GetRoute()->head, "Delivered-To: team@host.example.org\n");
}

TEST_F(ExpanderTest, SendsOnInTheNameOfTheForwarder) {
  settings.route.forward_sender = "bounces-%u@example.org";
  const auto alice = Expand("alice");
  EXPECT_EQ(Follow(alice.ends[0], "ext@example.net").ends[0].GetRoute()->sender, "bounces-alice@example.org");
  EXPECT_EQ(Follow(alice.ends[0], "\\bob").ends[0].GetRoute()->sender, "sender@example.net");
  const auto bounce = Expand("alice", "");
  EXPECT_EQ(Follow(bounce.ends[0], "ext@example.net").ends[0].GetRoute()->sender, "");
}

TEST_F(ExpanderTest, GivesMailboxesToWhateverServesThem) {
  settings.local.mailbox = "lmtp:/run/dovecot/lmtp";
  const auto asked = Expand("alice+x");
  EXPECT_EQ(Show(asked), "alice?:");
  EXPECT_EQ(Show(Follow(asked.ends[0], "\\", {})), "lmtp:alice+x");
  settings.local.mailbox_address = "%u@%d";
  EXPECT_EQ(Show(Follow(asked.ends[0], "\\", {})), "lmtp:alice+x@example.org");
  settings.local.mailbox_address = "box-%u%%@mail.example";
  EXPECT_EQ(Show(Follow(asked.ends[0], "\\", {})), "lmtp:box-alice+x%@mail.example");
  settings.local.mailbox_address = "%u";
  settings.local.mailbox = "|/usr/bin/procmail";
  EXPECT_EQ(Show(Expand("alice")), "alice?:|/usr/bin/procmail");
}

TEST_F(ExpanderTest, WaitsForAnAliasUser) {
  settings.local.alias_user = "nobody-here";
  Aliases("command: |/bin/tool\n");
  EXPECT_EQ(Show(Expand("command")), "deferred:4.3.5");
}

TEST_F(ExpanderTest, GivesTwoWaysToOnePlaceOneKey) {
  Aliases("box: \\alice\n");
  const auto asked = Expand("alice");
  EXPECT_EQ(asked.ends[0].PlaceKey(), Expand("box").ends[0].Key());
  EXPECT_NE(asked.ends[0].Key(), asked.ends[0].PlaceKey());
  EXPECT_EQ(Expand("x@EXAMPLE.net").ends[0].Key(), Expand("x@example.NET").ends[0].Key());
  EXPECT_NE(Expand("x@example.net").ends[0].Key(), Expand("X@example.net").ends[0].Key());
}

}  // namespace
