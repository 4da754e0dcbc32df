// SPDX-License-Identifier: BSD-2-Clause
// The programs that send mail on a machine, each as it comes from Debian and with its own way to call
// sendmail: what arrives is what it was given.
#include "fixture.hxx"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <regex>

using namespace machine;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

namespace {

constexpr std::chrono::seconds kCronsMinute{75};  // it looks once a minute

using Text = testing::Matcher<std::string>;

/// A program that sends mail, and what must come of it. "@S@" stands for the subject, "@U@" for the user.
struct Caller {
  const char* name;
  std::string script;  ///< of sh(1)
  std::string subject = "@S@";
  std::string sender = "@U@@host.example";
  std::vector<std::string> recipients = {"bob"};
  std::vector<std::pair<std::string, Text>> fields{};
  Text body = "One.\n.\nTwo.\n";
  std::vector<std::string> users = {"alice", "root"};
};

std::string Fill(std::string text, const std::string& user, const std::string& subject) {
  for (const auto& [mark, value] : {std::pair("@S@", &subject), {"@U@", &user}})
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at)) text.replace(at, 3, *value);
  return text;
}

void ExpectLetter(const Letter& letter, const std::string& sender) {
  EXPECT_EQ(letter.Field("Return-Path"), "<" + sender + ">");
  EXPECT_TRUE(letter.separator.starts_with("From " + sender + " ")) << letter.separator;
  for (const char* name : {"Return-Path", "Date", "Message-ID", "From", "Subject"})
    EXPECT_EQ(letter.Count(name), 1U) << name << " in\n" << letter.head;
  EXPECT_EQ(letter.Count("Bcc"), 0U) << letter.head;
}

// Waits for the letter in each mailbox, and compares.
void ExpectMail(const Caller& caller, const std::string& user, const std::string& subject) {
  const auto sender = Fill(caller.sender, user, subject);
  for (const auto& recipient : caller.recipients) {
    const auto letter = WaitForLetter(recipient, Fill(caller.subject, user, subject));
    ExpectLetter(letter, sender);
    for (const auto& [name, value] : caller.fields) EXPECT_THAT(letter.Field(name), value) << name;
    EXPECT_THAT(letter.body, caller.body);
  }
}

constexpr char kText[] = R"(printf 'One.\n.\nTwo.\n' | )";
const std::vector<std::string> kBobAndCarol = {"bob", "carol"};

const Caller kCallers[] = {
    {.name = "BsdMailx",
     .script = std::string(kText) + "bsd-mailx -s '@S@' -c carol bob",
     .recipients = kBobAndCarol,
     .fields = {{"To", "bob@host.example"},
                {"Cc", "carol@host.example"},
                {"From", MatchesRegex("(Alice Liddell <alice|root <root)@host.example>")}}},
    {.name = "BsdMailxWithASender",
     .script = std::string(kText) + "bsd-mailx -s '@S@' -r eve@example.org -b carol -a 'X-A: b' bob",
     .sender = "eve@example.org",
     .recipients = kBobAndCarol,
     .fields = {{"From", "eve@example.org"}, {"X-A", "b"}, {"Cc", ""}}},
    {.name = "Snail",
     .script = std::string(kText) + "s-nail -S sendwait -s '@S@' -c carol bob",
     .recipients = kBobAndCarol,
     .fields = {{"To", "bob@host.example"}}},
    {.name = "SnailWithASender",
     .script = std::string(kText) + "s-nail -S sendwait -s '@S@' -r 'Eve <eve@example.org>' -b carol bob",
     .sender = "eve@example.org",
     .recipients = kBobAndCarol,
     .fields = {{"From", "Eve <eve@example.org>"}}},
    {.name = "Mailutils",  // ends at the dot itself
     .script = std::string(kText) + "mail.mailutils -s '@S@' bob carol",
     .recipients = kBobAndCarol,
     .body = "One.\n"},
    {.name = "Mutt",
     .script = std::string(kText) + "mutt -n -F /dev/null -e 'set copy=no' -s '@S@' -c carol bob",
     .recipients = kBobAndCarol,
     .fields = {{"Content-Type", StartsWith("text/plain")}}},
    {.name = "MuttWithASender",
     .script =
         "printf 'Gr\\303\\274\\303\\237e.\\n' | mutt -n -F /dev/null -e 'set copy=no use_envelope_from "
         "from=\"Eve <eve@example.org>\" dsn_notify=failure,delay dsn_return=hdrs use_8bitmime "
         "allow_8bit send_charset=utf-8' -s '@S@' -b carol -- bob",
     .sender = "eve@example.org",
     .recipients = kBobAndCarol,
     .fields = {{"From", "Eve <eve@example.org>"}},
     .body = "Gr\xc3\xbc\xc3\x9f"
             "e.\n"},
    {.name = "GitSendEmail",
     .script =
         "cd $(mktemp -d) && git init -q && printf '.\\n' >file && git add file && "
         "git -c user.name=Eve -c user.email=eve@example.org commit -qm '@S@' -m 'A line.' && "
         "git format-patch -q --subject-prefix= -1 && git send-email --quiet --confirm=never "
         "--suppress-cc=all --from='Eve <eve@example.org>' --to=bob@host.example --cc=carol@host.example "
         "--envelope-sender=auto 0001-*",
     .sender = "eve@example.org",
     .recipients = kBobAndCarol,
     .fields = {{"From", "Eve <eve@example.org>"}, {"X-Mailer", StartsWith("git-send-email")}},
     .body = AllOf(StartsWith("A line.\n---\n file | 1 +\n"), HasSubstr("\n@@ -0,0 +1 @@\n+.\n-- \n"))},
    {.name = "Php",
     .script = R"x(php -r 'mail("bob", "@S@", "One.\n.\nTwo.", "From: Eve <eve@example.org>\r\nBcc: carol\r\n"
       . "X-A: b", "-feve@example.org") or exit(1);')x",
     .sender = "eve@example.org",
     .recipients = kBobAndCarol,
     .fields = {{"From", "Eve <eve@example.org>"}, {"X-A", "b"}, {"To", "bob@host.example"}}},
    {.name = "Python",
     .script = R"x(python3 -c '
import email.message, subprocess
m = email.message.EmailMessage()
m["From"] = "Zoë <eve@example.org>"
m["To"] = "bob@host.example, Carol <carol@host.example>"
m["Subject"] = "@S@"
m.set_content("One.\n.\nTwo.\n")
subprocess.run(["/usr/sbin/sendmail", "-t", "-oi"], input=m.as_bytes(), check=True)')x",
     .recipients = kBobAndCarol,
     .fields = {{"From", "=?utf-8?q?Zo=C3=AB?= <eve@example.org>"}}},
    {.name = "RubyMail",
     .script = R"x(ruby -rmail -e '
Mail.defaults { delivery_method :sendmail }
Mail.deliver do
  from "eve@example.org"
  to "bob@host.example"
  bcc "carol@host.example"
  subject "@S@"
  body "One.\n.\nTwo.\n"
end')x",
     .sender = "eve@example.org",
     .recipients = kBobAndCarol,
     .fields = {{"From", "eve@example.org"}}},
    {.name = "PerlEmailSender",
     .script = R"x(perl -MEmail::Sender::Simple=sendmail -MEmail::Simple -e '
sendmail(Email::Simple->create(header => [To => "bob\@host.example", From => "Eve <eve\@example.org>",
  Subject => "@S@"], body => "One.\n.\nTwo.\n"),
  {from => "bounces\@example.org", to => ["bob\@host.example", "carol\@host.example"]})')x",
     .sender = "bounces@example.org",
     .recipients = kBobAndCarol,
     .fields = {{"From", "Eve <eve@example.org>"}}},
    {.name = "PerlMimeLite",  // /usr/lib/sendmail
     .script = R"x(perl -MMIME::Lite -e 'MIME::Lite->new(From => "Eve <eve\@example.org>", To => "bob",
  Bcc => "carol", Subject => "@S@", Data => "One.\n.\nTwo.\n")->send or exit 1')x",
     .sender = "eve@example.org",
     .recipients = kBobAndCarol,
     .fields = {{"From", "Eve <eve@example.org>"}, {"To", "bob@host.example"}}},
    {.name = "Sudo",
     .script = "sudo -n true",
     .recipients = {"bob"},
     .fields = {{"From", MatchesRegex("(alice|root)@host.example")}, {"To", "bob@host.example"}},
     .body =
         MatchesRegex("host.example : .* : (alice|root) : PWD=/ ; USER=root ; COMMAND=/usr/bin/true.*\n\n")},
    {.name = "Logwatch",
     .script = "mkdir -p /tmp/logwatch && echo 'Nov  1 00:00:00 host sshd[1]: Failed password for root from "
               "192.0.2.1 port 22 ssh2' >/tmp/logwatch/auth.log && logwatch --output mail --mailto bob "
               "--hostname '@S@' --service sshd --range all --logdir /tmp/logwatch",
     .subject = "Logwatch for @S@ (Linux)",
     .fields = {{"To", "bob@host.example"}},
     .body = HasSubstr("\n Failed logins from:\n    192.0.2.1: 1 Time\n"),
     .users = {"root"}},
    {.name = "Mdadm",  // mdadm --monitor --test, which needs an array
     .script = "printf 'From: mdadm monitoring <root>\\nTo: bob\\nSubject: @S@\\n\\nThis is a test.\\n' | "
               "/usr/sbin/sendmail -t",
     .fields = {{"From", "mdadm monitoring <root@host.example>"}, {"To", "bob@host.example"}},
     .body = "This is a test.\n",
     .users = {"root"}},
    {.name = "Smartd",  // what smartd runs for a disk that fails; it calls mail(1)
     .script = "printf 'A disk.\\n' | /usr/share/smartmontools/smartd-runner -s '@S@' bob",
     .fields = {{"To", "bob@host.example"}},
     .body = "A disk.\n",
     .users = {"root"}},
    {.name = "UnattendedUpgrades",
     .script = R"x(python3 -c '
import importlib.machinery, importlib.util
loader = importlib.machinery.SourceFileLoader("uu", "/usr/bin/unattended-upgrade")
uu = importlib.util.module_from_spec(importlib.util.spec_from_loader("uu", loader))
loader.exec_module(uu)
exit(uu._send_mail_using_sendmail("root", "bob", "@S@", "One.\n.\nTwo."))')x",
     .fields = {{"From", "root@host.example"}, {"To", "bob@host.example"}},
     .users = {"root"}},
    {.name = "FetchmailAsMda",
     .script = "printf 'Return-Path: <orig@example.org>\\r\\nReceived: from a\\r\\n\\tby b; today\\r\\n"
               "From: orig@example.org\\r\\nSubject: @S@\\r\\n\\r\\nOne.\\r\\n.\\r\\nTwo.\\r\\n' | "
               "/usr/sbin/sendmail -oi -f orig@example.org -- bob",
     .sender = "orig@example.org"},
    {.name = "AlpineOverSmtp",
     .script =
         "printf 'EHLO localhost\\r\\nMAIL FROM:<eve@example.org> BODY=8BITMIME\\r\\nRCPT TO:<bob>\\r\\n"
         "RCPT TO:<carol@host.example>\\r\\nDATA\\r\\nFrom: eve@example.org\\r\\nSubject: @S@\\r\\n\\r\\n"
         "One.\\r\\n..\\r\\nTwo.\\r\\n.\\r\\nQUIT\\r\\n' | /usr/sbin/sendmail -bs -odb -oem >/dev/null",
     .sender = "eve@example.org",
     .recipients = kBobAndCarol},
    {.name = "Anacron",
     .script = "printf 'From: Anacron <root>\\nTo: bob\\nSubject: @S@\\n\\nOne.' >/tmp/anacron.@U@ && "
               "/usr/sbin/sendmail -FAnacron -odi bob </tmp/anacron.@U@ && rm /tmp/anacron.@U@",
     .fields = {{"From", "Anacron <root@host.example>"}},
     .body = "One.\n"},
};

constexpr char kSudoers[] =
    "Defaults mail_always, mailto=\"bob\", mailsub=\"@S@\"\nALL ALL=(ALL) NOPASSWD: ALL\n";

// So that a failed test is named by it and not by its octets.
void PrintTo(const Caller& caller, std::ostream* out) {
  *out << caller.name;
}

/// The tests send beside each other's mail: only subjects tell it apart. So cron, which takes a minute, can
/// be started before all of them and looked at last.
class Setup final : public testing::Environment {
 public:
  void SetUp() override {
    Check({"usermod", "-c", "Alice Liddell,,,", "alice"});
    configuration_.emplace("[Mail]\nHostname=host.example\nDomain=host.example\n");
    crontab_.emplace(
        "/etc/cron.d/callers-test",
        "MAILTO=bob,carol@host.example\n* * * * * root printf 'One.\\n.\\nTwo.'; : cron-of-root\n"
        "* * * * * alice printf 'One.\\n.\\nTwo.'; : cron-of-alice\n");
  }
  void TearDown() override {
    crontab_.reset();
    configuration_.reset();
  }

 private:
  std::optional<Configuration> configuration_;
  std::optional<SetupFile> crontab_;
};

testing::Environment* const setup = testing::AddGlobalTestEnvironment(new Setup);

}  // namespace

class Callers : public testing::Test {};
class EachCaller : public testing::TestWithParam<Caller> {};
class EachUserOfCron : public testing::TestWithParam<const char*> {};

TEST_P(EachCaller, SendsWhatItWasGiven) {
  const auto& caller = GetParam();
  for (const auto& user : caller.users) {
    SCOPED_TRACE(user);
    const auto subject = MakeSubject();
    const SetupFile sudoers("/etc/sudoers.d/callers-test", Fill(kSudoers, user, subject), 0440);
    const auto ended = Execute({.words = {"sh", "-c", Fill(caller.script, user, subject)}, .user = user});
    ASSERT_EQ(ended.status, 0) << ended.out << ended.err;
    EXPECT_EQ(ended.err, "");
    ExpectMail(caller, user, subject);
  }
}

INSTANTIATE_TEST_SUITE_P(Debian, EachCaller, testing::ValuesIn(kCallers),
                         [](const auto& param) { return std::string(param.param.name); });

TEST_F(Callers, AtSendsTheOutputOfItsJob) {
  const auto ended = Execute({.words = {"sh", "-c",
                                        "echo 'printf \"One.\\n.\\nTwo.\\n\"' | at -M now; echo 'printf "
                                        "\"One.\\n.\\nTwo.\\n\"' | at now"},
                              .user = "alice"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  std::smatch job;
  ASSERT_TRUE(std::regex_search(ended.err, job, std::regex("job ([0-9]+) at [^]*job ([0-9]+) at")))
      << ended.err;
  const auto letter = WaitForLetter("alice", fmt::format("Output from your job {:>8}", job[2].str()));
  ExpectLetter(letter, "alice@host.example");
  EXPECT_EQ(letter.Field("From"), "Alice Liddell <alice@host.example>");
  EXPECT_EQ(letter.Field("To"), "alice@host.example");
  EXPECT_EQ(letter.body, "One.\n.\nTwo.\n");
}

TEST_F(Callers, AUnitThatFailsIsReportedByAnother) {
  const auto subject = MakeSubject();
  const SetupFile failing(
      "/run/systemd/system/callers-failing.service",
      "[Unit]\nOnFailure=callers-report@%n.service\n[Service]\nType=oneshot\nExecStart=false\n");
  const SetupFile report(
      "/run/systemd/system/callers-report@.service",
      fmt::format(
          "[Service]\nType=oneshot\nUser=nobody\nNoNewPrivileges=yes\nProtectSystem=strict\nPrivateTmp=yes\n"
          "ExecStart=/bin/sh -c \"printf 'To: bob\\\\nSubject: {}\\\\n\\\\nUnit %i failed.\\\\n' | "
          "/usr/sbin/sendmail -t\"\n",
          subject));
  Check({"systemctl", "daemon-reload"});
  EXPECT_NE(Execute({.words = {"systemctl", "start", "callers-failing.service"}}).status, 0);
  const auto letter = WaitForLetter("bob", subject);
  ExpectLetter(letter, "nobody@host.example");
  EXPECT_EQ(letter.body, "Unit callers-failing.service failed.\n");
  Check({"systemctl", "reset-failed", "callers-failing.service"});
}

namespace {

// What services are confined with. The last ones are all of them together.
const std::vector<std::vector<std::string>> kSandboxes = {
    {"NoNewPrivileges=yes"},
    {"ProtectSystem=strict"},
    {"ProtectSystem=strict", "ReadOnlyPaths=/"},
    {"ProtectHome=yes"},
    {"PrivateTmp=yes"},
    {"PrivateUsers=yes"},
    {"PrivateNetwork=yes"},
    {"RestrictSUIDSGID=yes"},
    {"RestrictAddressFamilies=AF_UNIX"},
    {"RestrictNamespaces=yes"},
    {"MemoryDenyWriteExecute=yes"},
    {"CapabilityBoundingSet="},
    {"SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM"},
    {"UMask=0777"},
    {"LimitFSIZE=0"},
    {"DynamicUser=yes"},
    {"NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateUsers=yes", "RestrictSUIDSGID=yes"},
    {"NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateUsers=yes", "RestrictSUIDSGID=yes",
     "DynamicUser=yes", "PrivateNetwork=yes", "PrivateTmp=yes", "ProtectHome=yes",
     "RestrictAddressFamilies=AF_UNIX", "RestrictNamespaces=yes", "MemoryDenyWriteExecute=yes",
     "CapabilityBoundingSet=", "SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM",
     "ProtectProc=invisible", "ProcSubset=pid", "PrivateDevices=yes", "UMask=0777"},
};

Ended SendFromService(const std::vector<std::string>& properties, const std::string& user,
                      const std::string& message) {
  std::vector<std::string> words = {"systemd-run", "--quiet", "--wait", "--pipe", "--collect"};
  for (const auto& property : properties) words.insert(words.end(), {"-p", property});
  if (user != "root") words.insert(words.end(), {"-p", "User=" + user});
  words.insert(words.end(), {"--", "sendmail", "-i", "bob", "carol@host.example"});
  return Execute({.words = words, .input = message});
}

}  // namespace

TEST_F(Callers, ServicesInEachSandboxSend) {
  for (const auto& properties : kSandboxes)
    for (const std::string user : {"root", "alice"}) {
      const auto name = fmt::format("{} as {}", testing::PrintToString(properties), user);
      const bool dynamic = std::ranges::count(properties, "DynamicUser=yes") > 0;
      if (dynamic && user == "root") continue;  // a dynamic user is not root
      const auto subject = MakeSubject();
      const auto ended =
          SendFromService(properties, dynamic ? "callers" : user, MakeMessage(subject, "One.\n.\n"));
      ASSERT_EQ(ended.status, 0) << name << ": " << ended.err;
      EXPECT_EQ(ended.out + ended.err, "") << name;
      for (const auto& recipient : kBobAndCarol) {
        const auto letter = WaitForLetter(recipient, subject);
        EXPECT_EQ(letter.body, "One.\n.\n") << name;
        EXPECT_THAT(letter.Field("Return-Path"),
                    dynamic ? Text(MatchesRegex("<(callers|uid[0-9]+)@host.example>"))
                            : Text("<" + user + "@host.example>"))
            << name;
      }
    }
}

// Instantiated last, so that the minute has mostly passed.
TEST_P(EachUserOfCron, IsSentTheOutputOfHisJobs) {
  const std::string user = GetParam();
  for (const auto& recipient : kBobAndCarol) {
    const auto letter =
        WaitForLetter(recipient, fmt::format("Cron <{0}@host> printf 'One.\\n.\\nTwo.'; : cron-of-{0}", user),
                      kCronsMinute);
    ExpectLetter(letter, user + "@host.example");
    EXPECT_EQ(letter.Field("From"), "root@host.example (Cron Daemon)");
    EXPECT_EQ(letter.Field("To"), "bob@host.example,carol@host.example");
    EXPECT_EQ(letter.body, "One.\n.\nTwo.\n");
  }
}

INSTANTIATE_TEST_SUITE_P(Cron, EachUserOfCron, testing::Values("root", "alice"),
                         [](const auto& param) { return std::string(param.param); });
