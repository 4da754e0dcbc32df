// SPDX-License-Identifier: BSD-2-Clause
// The cases of tests/unit/sendmail/cases.txt against the installed package, as real users: what the relay and
// the mailboxes get.
#include "base/text.hxx"
#include "case.hxx"
#include "check.hxx"
#include "fixture.hxx"
#include "run.hxx"

#include <fmt/format.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <sched.h>

using namespace machine;

namespace {

constexpr char kMailName[] = "host.example.org";
constexpr uid_t kGhost = 4242;  // without an entry in passwd(5)

struct Ids {
  uid_t uid;
  gid_t gid;
};

Ids IdsOf(const std::string& user) {
  if (user == "ghost") return {kGhost, kGhost};
  const auto* entry = ::getpwnam(user.c_str());
  if (!entry) throw std::runtime_error("no user " + user);
  return {entry->pw_uid, entry->pw_gid};
}

// In the child, as root. A failure must not pass for a success of what is tested.
void Require(bool good) {
  if (!good) ::_exit(125);
}

void MakeReadOnly(const char* directory) {
  Require(::mount(directory, directory, nullptr, MS_BIND | MS_REC, nullptr) == 0);
  Require(::mount(nullptr, directory, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0);
}

void EnterConditions(const Case& c) {
  if (c.Has("ro")) {
    Require(::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    for (const char* directory : {"/var", "/var/spool", "/etc", "/usr"}) MakeReadOnly(directory);
  }
  if (c.Has("netns")) Require(::unshare(CLONE_NEWNET) == 0);
}

void BecomeUser(const Case& c, Ids ids) {
  EnterConditions(c);
  Require(::setgroups(0, nullptr) == 0 && ::setgid(ids.gid) == 0 && ::setuid(ids.uid) == 0);
  if (c.Has("nnp")) Require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

Launch MakeLaunch(const Case& c) {
  Launch launch;
  launch.path = c.program == "mailq" ? "/usr/bin/mailq" : "/usr/sbin/sendmail";
  if (!c.Has("env_empty")) launch.environment = {"PATH=/usr/bin:/bin", "HOME=/", "LANG=C.UTF-8"};
  launch.become_user = [&c, ids = IdsOf(c.user)] { BecomeUser(c, ids); };
  return launch;
}

// "<bob@x> NOTIFY=NEVER" in two; the parameters go to the others.
std::string TakeParameters(const std::string& text, std::vector<std::string>& parameters) {
  const auto end = text.rfind('>');
  for (auto& word : SplitList(text.substr(end + 1), " ")) parameters.push_back(std::move(word));
  return text.substr(1, end - 1);
}

std::string WithLf(std::string text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') lines += text[i];
  return lines;
}

Caught FromRelay(const Received& received) {
  Caught caught;
  caught.sender = TakeParameters(received.sender, caught.parameters);
  for (const auto& recipient : received.recipients)
    caught.recipients.push_back(TakeParameters(recipient, caught.parameters));
  caught.text = WithLf(received.message);
  return caught;
}

Caught FromMailbox(const std::string& user, const Letter& letter) {
  Caught caught;
  const auto path = letter.Field("Return-Path");
  if (path.size() >= 2) caught.sender = path.substr(1, path.size() - 2);
  caught.recipients = {user + "@" + kMailName};
  caught.text = letter.head + "\n" + letter.body;
  return caught;
}

// One message reaches the relay once and each local recipient once: together again.
void Join(std::vector<Caught>& all, Caught part, const std::string& id, std::vector<std::string>& ids) {
  const auto known = std::ranges::find(ids, id);
  if (known == ids.end()) {
    ids.push_back(id);
    all.push_back(std::move(part));
    return;
  }
  auto& whole = all[static_cast<std::size_t>(known - ids.begin())].recipients;
  whole.insert(whole.end(), part.recipients.begin(), part.recipients.end());
}

// The queue ID, from the topmost Received field, the runner's.
std::string IdOf(const Letter& letter) {
  const auto at = letter.head.find("(mailqueue, f");
  const auto id = letter.head.find("id ", letter.head.find(')', at));
  return at == letter.head.npos ? letter.head : letter.head.substr(id + 3, 16);
}

}  // namespace

class SendmailCases : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    Check({"usermod", "-c", "Alice Liddell,,,", "alice"});
    Check({"usermod", "-c", "R. & D. (Ops) \"Q\"", "carol"});
    receiver = std::make_unique<Receiver>();
    configuration = std::make_unique<Configuration>(
        fmt::format("[Mail]\nHostname={0}\nDomain={0}\nLocalDomains=localhost\n{1}", kMailName,
                    RelayTo("smtp+notls://" + receiver->At())));
  }

  static void TearDownTestSuite() {
    configuration.reset();
    receiver.reset();
  }

  void SetUp() override {
    ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
    seen = receiver->All().size();
    for (const auto& entry : std::filesystem::directory_iterator("/var/mail"))
      std::filesystem::remove(entry.path());
  }

  std::vector<Caught> Catch() const {
    std::vector<Caught> all;
    std::vector<std::string> ids;
    const auto received = receiver->All();
    for (std::size_t i = seen; i < received.size(); ++i)
      Join(all, FromRelay(received[i]), IdOf(received[i].Content()), ids);
    for (const auto& entry : std::filesystem::directory_iterator("/var/mail")) {
      const auto user = entry.path().filename().string();
      if (user.find('.') != user.npos) continue;  // a lock
      for (const auto& letter : ReadMailbox(user)) Join(all, FromMailbox(user, letter), IdOf(letter), ids);
    }
    return all;
  }

  static std::unique_ptr<Receiver> receiver;
  static std::unique_ptr<Configuration> configuration;
  std::size_t seen = 0;
};

std::unique_ptr<Receiver> SendmailCases::receiver;
std::unique_ptr<Configuration> SendmailCases::configuration;

TEST_P(SendmailCases, HasTheExpectedOutcome) {
  const auto& c = GetParam();
  const auto run = RunCase(c, MakeLaunch(c));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  for (const auto& problem : CheckCase(c, run, Catch()))
    ADD_FAILURE() << c.id << " (" << c.title << "): " << problem;
}

INSTANTIATE_TEST_SUITE_P(File, SendmailCases, testing::ValuesIn(LoadCases(kMailName)),
                         [](const auto& param) { return param.param.id; });
