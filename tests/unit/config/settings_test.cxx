// SPDX-License-Identifier: BSD-2-Clause
#include "config/settings.hxx"

#include "config/defaults.hxx"
#include "config/files.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class Settings : public testing::Test {
 protected:
  Settings() {
    std::string name = testing::TempDir() + "settings-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    directory_ = name;
  }
  ~Settings() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(directory_ + "/" + name).parent_path());
    std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
  }
  [[nodiscard]] config::Loaded Load() const { return config::Load(directory_); }
  [[nodiscard]] config::Loaded LoadText(const std::string& text) {
    Write("mailqueue.conf", text);
    return Load();
  }

  std::string directory_;
};

config::Settings Defaults() {
  config::Settings settings;
  config::FillDefaults(settings, {config::FindHostname(), {}});
  return settings;
}

std::string HostsOf(const config::Loaded& loaded) {
  return loaded.settings.relay.common.hosts.ToString();
}

}  // namespace

TEST_F(Settings, ReadTheStaticNameAsHostnameDoes) {
  const std::pair<const char*, const char*> cases[] = {{"host.example\n", "host.example"},
                                                       {"# set by hand\n\n  host  \nother\n", "host"},
                                                       {"my pc\n", ""},
                                                       {"", ""},
                                                       {"#\n", ""}};
  for (const auto& [text, name] : cases) EXPECT_EQ(config::ParseHostnameFile(text), name) << text;
}

TEST_F(Settings, FindTheNamesOfTheMachineInHosts) {
  const struct {
    const char* text;
    std::vector<std::string> names;
  } cases[] = {
      {"127.0.0.1 localhost\n127.0.1.1 web1.example.org web1\n", {"web1.example.org"}},
      {"127.0.1.1\tWEB1.example.org WEB1 # web1.example.net\r\n", {"WEB1.example.org"}},
      {"192.0.2.1 mail.example.org web1 www.example.org web1.example.net\n",
       {"mail.example.org", "web1.example.net"}},
      {"127.0.0.1 localhost web1\n", {}},
      {"127.0.0.1 localhost.localdomain localhost web1\n", {"localhost.localdomain"}},
      {"192.0.2.1 web2.example.org web2\n", {}},
      {"web1\n192.0.2.1\n", {}},
      {"192.0.2.1 my_.-x.example web1\n", {}},
  };
  for (const auto& [text, names] : cases) EXPECT_EQ(config::FindHostsNames(text, "web1"), names) << text;
  EXPECT_THAT(config::FindHostsNames("127.0.1.1 web1.example.net web1\n", "web1.example.org"),
              ElementsAre("web1.example.net"));
}

TEST_F(Settings, SayThatNothingIsSentElsewhere) {
  const auto relay = LoadText("[Relay]\nHost=none\n[Relay.x]\nSenders=x@example\n").settings.relay;
  EXPECT_TRUE(relay.common.no_hosts);
  EXPECT_TRUE(relay.HostsOf(relay.named.at(0)).no_hosts);
  EXPECT_FALSE(LoadText("[Relay]\nHost=none\nHost=relay.example\n").settings.relay.common.no_hosts);
  EXPECT_FALSE(LoadText("[Relay]\nHost=none\nHost=\n").settings.relay.common.no_hosts);
}

TEST_F(Settings, SayWhatAServerOfMailboxesIsTold) {
  const auto address = [this](const std::string& value) {
    return LoadText("[Local]\nMailboxAddress=" + value + "\n").settings.local.mailbox_address;
  };
  EXPECT_EQ(address("%u@%d"), "%u@%d");
  EXPECT_EQ(address("%u@mail.example"), "%u@mail.example");
  for (const auto* bad : {"alice@%d", "%u@", "%x@%d", "%u %d", "%"}) EXPECT_EQ(address(bad), "%u") << bad;
}

TEST_F(Settings, KnowWhichLocalDomainsChangeWithTheName) {
  config::Settings settings;
  config::FillDefaults(settings, {"Host.example", "mail.example"});
  EXPECT_EQ(settings.mail.own_names, (std::vector<std::string>{"host.example", "host", "mail.example"}));
  settings = {};
  settings.mail.local_domains = {"set.example"};
  config::FillDefaults(settings, {"host.example", ""});
  EXPECT_TRUE(settings.mail.own_names.empty());
}

TEST_F(Settings, MissingFileMeansDefaults) {
  const auto loaded = Load();
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_FALSE(loaded.settings.incomplete);
  EXPECT_EQ(loaded.settings.queue.lifetime, 120h);
  EXPECT_EQ(loaded.settings.queue.retry_min, 1min);
  EXPECT_EQ(loaded.settings.queue.retry_max, 1h);
  EXPECT_EQ(loaded.settings.local.mailbox, "/var/mail/%u");
  EXPECT_EQ(HostsOf(loaded), "");
  EXPECT_EQ(loaded.settings.mail.hostname, Defaults().mail.hostname);
  EXPECT_TRUE(config::Load("/nonexistent/directory").warnings.empty());
}

TEST_F(Settings, EveryKeyIsRead) {
  const auto loaded = LoadText(
      "[Mail]\nHostname=host.example\nDomain=example\nLocalDomains=A.example, b.example c.example\n"
      "Masquerade=me@b.example\nMasqueradeHeader=yes\n"
      "[Relay]\nHost=smtps://me@relay.example\nMap=/etc/mail/relays\nLabelHosts=smtps://me@a.example, "
      "lmtp:/run/l b.example\nUserRelays=yes\nConnections=3\n"
      "[Relay.work]\nHost=work.example\nSenders=@work.example, Me@home.example\nRecipients=.work.example\n"
      "[Local]\nEnabled=no\nMailbox=~/mbox\nAliases=/etc/mail/aliases\nAliasUser=nobody\n"
      "RecipientDelimiter=-\n[Route]\nVirtualUsers=socket:/run/users\nForwardSender=fwd+%u@example\n"
      "[Queue]\nLifetime=2d\nRetryMin=30\nRetryMax=2h\nMessageSize=1M\nUserQueueMax=7 3G\n"
      "Reserve=10% 2G\n");
  EXPECT_TRUE(loaded.warnings.empty()) << loaded.warnings[0].ToString();
  EXPECT_EQ(loaded.settings.mail.hostname, "host.example");
  EXPECT_EQ(loaded.settings.mail.domain, "example");
  EXPECT_THAT(loaded.settings.mail.local_domains, ElementsAre("a.example", "b.example", "c.example"));
  EXPECT_EQ(HostsOf(loaded), "smtps://me@relay.example");
  EXPECT_EQ(loaded.settings.relay.map->ToString(), "file:/etc/mail/relays");
  EXPECT_THAT(loaded.settings.relay.label_hosts,
              ElementsAre("smtps://me@a.example", "lmtp:/run/l", "smtp://b.example"));
  EXPECT_TRUE(loaded.settings.relay.user_relays);
  EXPECT_EQ(loaded.settings.relay.common.options.at("Connections"), "3");
  ASSERT_EQ(loaded.settings.relay.named.size(), 1U);
  const auto& work = loaded.settings.relay.named[0];
  EXPECT_EQ(work.name, "work");
  EXPECT_EQ(work.hosts.ToString(), "smtp://work.example");
  EXPECT_THAT(work.senders, ElementsAre("work.example", "me@home.example"));
  EXPECT_THAT(work.recipients, ElementsAre(".work.example"));
  EXPECT_EQ(loaded.settings.mail.masquerade, "me@b.example");
  EXPECT_TRUE(loaded.settings.mail.masquerade_header);
  EXPECT_FALSE(loaded.settings.local.enabled);
  EXPECT_EQ(loaded.settings.local.mailbox, "~/mbox");
  EXPECT_EQ(loaded.settings.local.aliases.ToString(), "file:/etc/mail/aliases");
  EXPECT_EQ(loaded.settings.local.alias_user, "nobody");
  EXPECT_EQ(loaded.settings.local.recipient_delimiter, "-");
  EXPECT_EQ(loaded.settings.route.virtual_users->ToString(), "socket:/run/users");
  EXPECT_EQ(loaded.settings.route.forward_sender, "fwd+%u@example");
  EXPECT_EQ(loaded.settings.queue.lifetime, 48h);
  EXPECT_EQ(loaded.settings.queue.retry_min, 30s);
  EXPECT_EQ(loaded.settings.queue.retry_max, 2h);
  EXPECT_EQ(loaded.settings.queue.message_size, 1U << 20);
  EXPECT_EQ(loaded.settings.queue.user_max, (config::Settings::Queue::UserMax{7, 3ULL << 30}));
  EXPECT_EQ(loaded.settings.queue.reserve, (DiskReserve{10, 2ULL << 30}));
}

TEST_F(Settings, TheHostsOfADomainAreNoLabelHosts) {
  const auto loaded =
      LoadText("[Relay]\nLabelHosts=nonsense://x@y, smtps://me@a.example mx://relay.example\n");
  EXPECT_THAT(loaded.settings.relay.label_hosts, ElementsAre("smtps://me@a.example"));
  ASSERT_EQ(loaded.warnings.size(), 1U);
  EXPECT_THAT(loaded.warnings[0].text, HasSubstr("relay.example"));
}

TEST_F(Settings, ALimitThatIsLeftOutIsNone) {
  using Max = config::Settings::Queue::UserMax;
  const struct {
    const char* text;
    Max max;
  } maxima[] = {{"5", {5, Max::kNone}},
                {"1M", {Max::kNone, 1U << 20}},
                {"1M,5", {5, 1U << 20}},
                {"infinity", {Max::kNone, Max::kNone}}};
  for (const auto& c : maxima)
    EXPECT_EQ(LoadText(std::string("[Queue]\nUserQueueMax=") + c.text + "\n").settings.queue.user_max, c.max)
        << c.text;
  const struct {
    const char* text;
    DiskReserve reserve;
  } reserves[] = {{"5%", {5, DiskReserve::kNoSize}}, {"1M", {100, 1U << 20}}, {"0", {100, 0}}};
  for (const auto& c : reserves)
    EXPECT_EQ(LoadText(std::string("[Queue]\nReserve=") + c.text + "\n").settings.queue.reserve, c.reserve)
        << c.text;
}

TEST_F(Settings, DropInsFollowInTheOrderOfTheirNames) {
  Write("mailqueue.conf", "[Relay]\nHost=first\n[Local]\nMailbox=~/kept\n");
  Write("mailqueue.conf.d/20-b.conf", "[Relay]\nHost=third\n");
  Write("mailqueue.conf.d/10-a.conf", "[Relay]\nHost=second\n");
  Write("mailqueue.conf.d/30-c.conf~", "[Relay]\nHost=backup\n");
  Write("mailqueue.conf.d/.40-d.conf", "[Relay]\nHost=hidden\n");
  const auto loaded = Load();
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_EQ(HostsOf(loaded), "smtp://third");
  EXPECT_EQ(loaded.settings.local.mailbox, "~/kept");
}

TEST_F(Settings, EmptyAssignmentResets) {
  Write("mailqueue.conf", "[Relay]\nHost=first\n[Queue]\nLifetime=1d\n[Mail]\nHostname=a.example\n");
  Write("mailqueue.conf.d/a.conf", "[Relay]\nHost=\n[Queue]\nLifetime=\n[Mail]\nHostname=\n");
  const auto loaded = Load();
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_EQ(HostsOf(loaded), "");
  EXPECT_EQ(loaded.settings.queue.lifetime, 120h);
  EXPECT_EQ(loaded.settings.mail.hostname, Defaults().mail.hostname);
}

TEST_F(Settings, ATableThatIsNotUnderstoodIsAnotherThingThanNone) {
  const auto bad = config::TableSpec::Kind::Bad;
  auto loaded =
      LoadText("[Relay]\nMap=x\n[Local]\nAliases=mysql:x\n[Route]\nVirtualUsers=sqlite:/x SELEC ?\n");
  EXPECT_EQ(loaded.warnings.size(), 3U);
  EXPECT_EQ(loaded.settings.relay.map->kind, bad);
  EXPECT_EQ(loaded.settings.local.aliases.ToString(), "file:/etc/aliases");
  EXPECT_EQ(loaded.settings.route.virtual_users->ToString(), "sqlite:/x SELEC ?");
  loaded = LoadText("[Local]\nAliases=/a\nAliases=x\n[Route]\nVirtualUsers=/v\nVirtualUsers=x\n");
  EXPECT_EQ(loaded.settings.local.aliases.ToString(), "file:/a") << "the earlier one stays";
  EXPECT_EQ(loaded.settings.route.virtual_users->ToString(), "file:/v");
  loaded = LoadText("[Local]\nAliases=x\nAliases=\n[Route]\nVirtualUsers=x\nVirtualUsers=\n");
  EXPECT_EQ(loaded.settings.local.aliases.ToString(), "file:/etc/aliases");
  EXPECT_FALSE(loaded.settings.route.virtual_users);
}

TEST_F(Settings, BadValueWarnsAndTheEarlierOneStays) {
  const struct {
    std::string text;
    unsigned line;
    std::string warning;
  } cases[] = {
      {"[Mail]\nHostname=no such name\n", 2, "Hostname=: ignoring 'no such name', expected a domain name"},
      {"[Mail]\nHostname=.\n", 2, "expected a domain name"},
      {"[Mail]\nDomain=b\xc3\xbc.example\n", 2, "expected a domain name"},
      {"[Mail]\nLocalDomains=a..b\n", 2, "ignoring 'a..b', expected domain names"},
      {"[Local]\nMailbox=mbox\n", 2, "absolute path"},
      {"[Local]\nMailbox=/\n", 2, "absolute path"},
      {"[Local]\nMailbox=/var/mail/../%u\n", 2, "absolute path"},
      {"[Local]\nMailbox=/var/mail/%h\n", 2, "absolute path"},
      {"[Local]\nMailbox=/var/mail/%%%h\n", 2, "absolute path"},
      {"[Local]\nMailbox=/var/mail/%\n", 2, "absolute path"},
      {"[Mail]\nMasquerade=a b@c\n", 2, "Masquerade=: ignoring 'a b@c', expected host, user@ or user@host"},
      {"[Mail]\nMasqueradeHeader=maybe\n", 2, "MasqueradeHeader=: ignoring 'maybe', expected yes or no"},
      {"[Local]\nEnabled=2\n", 2, "Enabled=: ignoring '2', expected yes or no"},
      {"[Local]\nMailbox=|procmail\n", 2, "ignoring '|procmail' (has no absolute path and runs in no shell"},
      {"[Local]\nMailbox=|/bin/cat >>/var/log/mail\n", 2, "(runs in no shell, so '>' would mean nothing"},
      {"[Local]\nAliases=etc/aliases\n", 2, "ignoring 'etc/aliases' ('etc/aliases' is no kind of table"},
      {"[Local]\nAliases=file:aliases\n", 2, "('aliases' is no absolute path), expected file:/PATH"},
      {"[Local]\nAliasUser=root\n", 2, "expected the name of a user other than root"},
      {"[Local]\nRecipientDelimiter=++\n", 2, "ignoring '++', expected one of the characters"},
      {"[Route]\nVirtualUsers=ldap:x\n", 2, "('ldap' is no kind of table: static, file, sqlite or socket)"},
      {"[Route]\nForwardSender=%h@x\n", 2, "ignoring '%h@x', expected an address, with %u"},
      {"[Queue]\nLifetime=infinity\n", 2, "expected a time span"},
      {"[Queue]\nLifetime=-1\n", 2, "expected a time span"},
      {"[Queue]\nRetryMin=0\n", 2, "at least 1s"},
      {"[Queue]\nRetryMax=100ms\n", 2, "at least 1s"},
      {"[Queue]\nMessageSize=3G\n", 2, "ignoring '3G', expected a size from 1K to 2G"},
      {"[Queue]\nMessageSize=10\n", 2, "a size from 1K"},
      {"[Queue]\nUserQueueMax=1 2\n", 2, "expected a number of messages and a size"},
      {"[Queue]\nUserQueueMax=0\n", 2, "a number of messages"},
      {"[Queue]\nUserQueueMax=10x\n", 2, "a number of messages"},
      {"[Queue]\nReserve=95%\n", 2, "expected a share up to 90%"},
      {"[Queue]\nReserve=5% 6%\n", 2, "a share up to 90%"},
      {"[Queue]\nReserve=1G 2G\n", 2, "a share up to 90%"},
      {"[mail]\n", 1, "Unknown section 'mail', ignoring; did you mean [Mail]?"},
      {"[Colours]\nRed=1\n", 1, "Unknown section 'Colours', ignoring"},
      {"[Mail]\nHostName=x\n", 2, "Unknown key 'HostName' in [Mail], ignoring; did you mean Hostname=?"},
      {"[Mail]\nLifetime=5d\n", 2, "it belongs to [Queue]"},
      {"[Mail]\nColour=x\n", 2, "Unknown key 'Colour' in [Mail], ignoring"},
      {"Hostname=x\n", 1, "before any [Section]"},
      {"[Mail]\nHostname\n", 2, "expected Key=value"},
      {"[Mail]\nHostname=\x01\n", 2, "control characters"},
  };
  for (const auto& c : cases) {
    auto loaded = LoadText(c.text);
    ASSERT_EQ(loaded.warnings.size(), 1U) << c.text;
    EXPECT_EQ(loaded.warnings[0].file, directory_ + "/mailqueue.conf") << c.text;
    EXPECT_EQ(loaded.warnings[0].line, c.line) << c.text;
    EXPECT_THAT(loaded.warnings[0].text, HasSubstr(c.warning)) << c.text;
    EXPECT_FALSE(loaded.settings.incomplete) << c.text;
    const auto defaults = config::Load("/nonexistent").settings;
    loaded.settings.route.virtual_users.reset();  // see the case above
    EXPECT_EQ(loaded.settings, defaults) << c.text;
  }
}

TEST_F(Settings, MailboxTakesSpecifiers) {
  for (const std::string path : {"/var/mail/%u", "~/Mail/%u-%%", "/srv/%%%u", "/var/mail/all"}) {
    const auto loaded = LoadText("[Local]\nMailbox=" + path);
    EXPECT_TRUE(loaded.warnings.empty()) << path;
    EXPECT_EQ(loaded.settings.local.mailbox, path);
  }
}

TEST_F(Settings, RecipientDelimiterCanBeSwitchedOff) {
  EXPECT_EQ(LoadText("[Local]\nRecipientDelimiter=none\n").settings.local.recipient_delimiter, "");
  EXPECT_EQ(
      LoadText("[Local]\nRecipientDelimiter=none\nRecipientDelimiter=\n").settings.local.recipient_delimiter,
      "+");
}

TEST_F(Settings, BadValueLeavesTheEarlierOneInForce) {
  EXPECT_EQ(HostsOf(LoadText("[Relay]\nHost=good\nHost=://\n")), "smtp://good");
}

TEST_F(Settings, OneBadLocalDomainLeavesTheOthers) {
  const auto loaded = LoadText("[Mail]\nLocalDomains=a.example b..example c.example -d\n");
  ASSERT_EQ(loaded.warnings.size(), 1U);
  EXPECT_THAT(loaded.warnings[0].text, HasSubstr("'b..example', '-d'"));
  EXPECT_THAT(loaded.settings.mail.local_domains, ElementsAre("a.example", "c.example"));
}

TEST_F(Settings, RetryTimesInTheWrongOrderWarn) {
  const auto loaded = LoadText("[Queue]\nRetryMin=2h\nRetryMax=1min\n");
  ASSERT_EQ(loaded.warnings.size(), 1U);
  EXPECT_EQ(loaded.warnings[0].ToString(),
            directory_ + "/mailqueue.conf:3: RetryMax= is shorter than RetryMin=, using RetryMin= for both");
  EXPECT_EQ(loaded.settings.queue.retry_min, 2h);
  EXPECT_EQ(loaded.settings.queue.retry_max, 2h);
}

TEST_F(Settings, ExtensionsOfOthersAreSilent) {
  EXPECT_TRUE(LoadText("[X-Local]\nAnything=1\n[Mail]\nX-Note=1\n").warnings.empty());
}

TEST_F(Settings, UnreadableFilesAreNoOutage) {
  const auto expect_unreadable = [this](const char* what) {
    const auto loaded = Load();
    EXPECT_TRUE(loaded.settings.incomplete) << what;
    ASSERT_EQ(loaded.warnings.size(), 1U) << what;
    EXPECT_EQ(loaded.warnings[0].line, 0U) << what;
    EXPECT_EQ(loaded.settings.queue.lifetime, 120h) << what;
    std::filesystem::remove_all(directory_ + "/mailqueue.conf");
  };
  const std::string file = directory_ + "/mailqueue.conf";
  std::filesystem::create_directory(file);
  expect_unreadable("directory");
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  expect_unreadable("FIFO");
  std::filesystem::create_symlink("mailqueue.conf", file);
  expect_unreadable("loop of links");
  Write("mailqueue.conf", "");
  std::filesystem::resize_file(file, 100'000'000);
  expect_unreadable("100 MB");
  Write("mailqueue.conf.d", "not a directory");
  expect_unreadable("file in place of the directory");
}

TEST_F(Settings, NullDeviceMasksADropIn) {
  Write("mailqueue.conf.d/x", "");
  std::filesystem::create_symlink("/dev/null", directory_ + "/mailqueue.conf.d/a.conf");
  const auto loaded = Load();
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_FALSE(loaded.settings.incomplete);
}

TEST_F(Settings, BinaryJunkGivesFewWarnings) {
  std::string junk;
  for (int i = 0; i < 200'000; ++i) junk += static_cast<char>(i * 7919 >> 3);
  const auto loaded = LoadText(junk + "\n[Relay]\nHost=still.read\n");
  EXPECT_GT(loaded.warnings.size(), 1U);
  EXPECT_LE(loaded.warnings.size(), 51U);
  EXPECT_THAT(loaded.warnings.back().text, HasSubstr("further warnings"));
  EXPECT_EQ(HostsOf(loaded), "smtp://still.read");
}

TEST_F(Settings, LocalDomainsAreComparedInAnyCase) {
  const auto settings = LoadText("[Mail]\nLocalDomains=Example.org\n").settings;
  EXPECT_TRUE(settings.IsLocalDomain("EXAMPLE.ORG"));
  EXPECT_TRUE(settings.IsLocalDomain(""));
  EXPECT_FALSE(settings.IsLocalDomain("example.com"));
  EXPECT_FALSE(settings.IsLocalDomain("host.example"));
  EXPECT_TRUE(settings.IsLocalDomain("localhost")) << "it is this machine everywhere";
}

TEST_F(Settings, NamesHaveDefaults) {
  config::Settings settings;
  config::FillDefaults(settings, {"Host.example", "mail.example"});
  EXPECT_EQ(settings.mail.hostname, "Host.example");
  EXPECT_EQ(settings.mail.domain, "mail.example");
  EXPECT_THAT(settings.mail.local_domains, ElementsAre("localhost", "host.example", "host", "mail.example"));
  config::Settings listed;
  config::FillDefaults(listed, {"host", "", {"Host.example", "www.example"}});
  EXPECT_THAT(listed.mail.local_domains, ElementsAre("localhost", "host", "host.example", "www.example"));

  config::Settings bare;
  config::FillDefaults(bare, {"localhost", ""});
  EXPECT_EQ(bare.mail.domain, "localhost");
  EXPECT_THAT(bare.mail.local_domains, ElementsAre("localhost"));
}

TEST_F(Settings, FingerprintChangesWithTheFiles) {
  std::vector<std::string> seen{config::Fingerprint(directory_)};
  const auto expect_change = [&](const char* what) {
    const auto fingerprint = config::Fingerprint(directory_);
    EXPECT_THAT(seen, testing::Not(testing::Contains(fingerprint))) << what;
    EXPECT_EQ(fingerprint, config::Fingerprint(directory_)) << what;
    seen.push_back(fingerprint);
  };
  Write("mailqueue.conf", "[Mail]\n");
  expect_change("a file");
  Write("mailqueue.conf", "[Relay]\n");
  expect_change("another content");
  std::filesystem::rename(directory_ + "/mailqueue.conf", directory_ + "/old");
  Write("mailqueue.conf", "[Relay]\n");
  expect_change("another inode");
  Write("mailqueue.conf.d/a.conf", "");
  expect_change("a drop-in");
  Write("mailqueue.conf.d/b.conf", "");
  expect_change("a second one");
  std::filesystem::permissions(directory_ + "/mailqueue.conf", std::filesystem::perms::none);
  expect_change("another mode");
}

TEST_F(Settings, BadRelayWarns) {
  const struct {
    std::string text;
    std::string warning;
  } cases[] = {
      {"[Relay]\nHost=gopher://x\n", ":2: Host=: ignoring 'gopher://x' ('gopher' is no protocol"},
      {"[Relay]\n\n\nHost=x:99999\n", ":4: Host=: ignoring 'x:99999' (':99999' is no port"},
      {"[Relay]\nHost=a b*x\n", ":2: Host=: ignoring 'b*x' ('*x' is no weight"},
      {"[Relay]\nConnections=0\n", ":2: Connections=: ignoring '0', expected a number from 1 to 200"},
      {"[Relay]\nSenders=a@b\n",
       ":2: Unknown key 'Senders' in [Relay], ignoring; it belongs to [Relay.NAME]"},
      {"[Relay.a]\nMap=/x\n", ":2: Unknown key 'Map' in [Relay.a], ignoring; it belongs to [Relay]"},
      {"[Relay.a]\nSender=a@b\n", ":2: Unknown key 'Sender' in [Relay.a], ignoring; did you mean Senders=?"},
      {"[Relay.a]\nSenders=a@b c..d\n", ":2: Senders=: ignoring 'c..d', expected addresses"},
      {"[Relay.a]\nHost=x\n", ":2: [Relay.a] has neither Senders= nor Recipients=, no mail goes there"},
      {"[Relay.a]\nSenders=a@b\n[Relay.b]\nSenders=A@b\n",
       ":4: Senders=: ignoring 'a@b', which stands in [Relay.a], too"},
      {"[Relay.]\n", ":1: The name of a relay section, '', is to have letters"},
      {"[Relay.a b]\n", ":1: The name of a relay section, 'a b', is to have letters"},
  };
  for (const auto& c : cases) {
    const auto loaded = LoadText(c.text);
    ASSERT_EQ(loaded.warnings.size(), 1U) << c.text;
    EXPECT_THAT(loaded.warnings[0].ToString(), HasSubstr(directory_ + "/mailqueue.conf" + c.warning));
  }
}

// Without one the mail would go to the recipients' own hosts, past the relay that was meant.
TEST_F(Settings, AHostThatIsNotUnderstoodIsNoneThatIsMissing) {
  EXPECT_TRUE(LoadText("[Relay]\nHost=gopher://x\n").settings.relay.common.bad_hosts);
  EXPECT_FALSE(LoadText("[Relay]\nHost=gopher://x good\n").settings.relay.common.bad_hosts);
  EXPECT_FALSE(LoadText("[Relay]\nHost=gopher://x\nHost=good\n").settings.relay.common.bad_hosts);
  EXPECT_FALSE(LoadText("[Relay]\nHost=gopher://x\nHost=\n").settings.relay.common.bad_hosts);
  EXPECT_FALSE(LoadText("").settings.relay.common.bad_hosts);
}

TEST_F(Settings, RelaySectionsInherit) {
  const auto relay = LoadText(
                         "[Relay]\nHost=common\nConnections=3\nHelo=a.example\n"
                         "[Relay.a]\nSenders=a@b\nConnections=5\n"
                         "[Relay.b]\nSenders=b@b\nHost=own\nHelo=b.example\nHelo=\n"
                         "[Relay.c]\nSenders=c@b\nHost=://\n")
                         .settings.relay;
  const auto hosts = [&](const char* name) { return relay.HostsOf(*relay.Find(name)).Title(); };
  EXPECT_EQ(hosts("a"), "[Relay]");
  EXPECT_EQ(hosts("b"), "[Relay.b]");
  EXPECT_EQ(hosts("c"), "[Relay.c]");
  EXPECT_EQ(relay.OptionsOf(*relay.Find("a")), "Connections=5\nHelo=a.example\n");
  EXPECT_EQ(relay.OptionsOf(*relay.Find("b")), "Connections=3\nHelo=a.example\n");
  EXPECT_EQ(relay.OptionsOf(relay.common), "Connections=3\nHelo=a.example\n");
  EXPECT_EQ(relay.Find("d"), nullptr);
}

TEST_F(Settings, ASectionGoesOnInAnotherFile) {
  Write("mailqueue.conf", "[Relay.a]\nHost=one\nSenders=a@b\n");
  Write("mailqueue.conf.d/a.conf", "[Relay.b]\nSenders=b@b\n[Relay.a]\nHost=two\n");
  const auto relay = Load().settings.relay;
  ASSERT_EQ(relay.named.size(), 2U);
  EXPECT_EQ(relay.named[0].hosts.ToString(), "smtp://two");
  EXPECT_EQ(relay.named[0].places.at("Host"), directory_ + "/mailqueue.conf.d/a.conf:4");
  EXPECT_EQ(relay.named[0].places.at("Senders"), directory_ + "/mailqueue.conf:3");
}

TEST_F(Settings, RelaySectionsHaveALimit) {
  std::string text;
  for (std::size_t i = 0; i <= config::Settings::Relay::kMaxSections; ++i)
    text += "[Relay.n" + std::to_string(i) + "]\nSenders=a" + std::to_string(i) + "@b\n";
  const auto loaded = LoadText(text);
  EXPECT_EQ(loaded.settings.relay.named.size(), config::Settings::Relay::kMaxSections);
  ASSERT_EQ(loaded.warnings.size(), 1U);
  EXPECT_THAT(loaded.warnings[0].text, HasSubstr("more than 200 sections of relays"));
}
