// SPDX-License-Identifier: BSD-2-Clause
// TLS of both kinds, verified with a certificate authority of our own, and AUTH with credentials files.
#include "authority.hxx"
#include "fixture.hxx"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

using namespace machine;
namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "relay.test.example";
constexpr const char* kOther = "other.test.example";

}  // namespace

class Tls : public SystemTest {
 protected:
  static void SetUpTestSuite() {
    if (authority) return;  // for all suites of the program
    authority = std::make_unique<Authority>();
    authority->Issue(kName);
    std::ofstream("/etc/hosts", std::ios::app) << "127.0.0.1 " << kName << " " << kOther << "\n";
  }
  static std::vector<std::string> Options(const std::string& kind, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--tls=" + kind, "--cert=" + authority->Certificate(kName),
                             "--key=" + authority->Key(kName)});
    return more;
  }
  // @param keys of section [Relay], each ended by LF
  void ExpectArrives(const Receiver& receiver, const std::string& url, const std::string& user = "",
                     const std::string& keys = "") {
    const Configuration configuration(RelayTo(url) + "[Relay]\n" + keys);
    const auto subject = MakeSubject();
    Send("alice", {"friend@remote.example"}, MakeMessage(subject));
    const auto received = receiver.WaitFor(subject);
    EXPECT_TRUE(received.tls.starts_with("TLSv1.")) << received.tls;
    EXPECT_EQ(received.auth, user);
    EXPECT_TRUE(WaitUntil(IsQueueEmpty));
    EXPECT_EQ(receiver.Counter("violations"), 0U);
  }
  // The message stays in the queue, and its content was never sent.
  void ExpectHeld(const Receiver& receiver, const std::string& url, const std::string& keys = "") {
    const Configuration configuration(RelayTo(url) + "[Relay]\n" + keys);
    const auto subject = MakeSubject();
    Send("alice", {"friend@remote.example"}, MakeMessage(subject));
    ASSERT_TRUE(WaitUntil([] {
      const auto queue = ReadQueue();
      return queue.size() == 1 && queue[0].attempts > 0;
    })) << DescribeQueue();
    EXPECT_EQ(receiver.All().size(), 0U);
    EXPECT_EQ(receiver.Counter("transactions"), 0U);
    EXPECT_EQ(MailboxText("alice"), "");
  }

  static inline std::unique_ptr<Authority> authority;
};

TEST_F(Tls, StartTlsIsVerified) {
  const Receiver receiver(Options("starttls"));
  ExpectArrives(receiver, "smtp+tls://" + receiver.At(kName));
}

TEST_F(Tls, ImplicitTlsIsVerified) {
  const Receiver receiver(Options("implicit"));
  ExpectArrives(receiver, "smtps://" + receiver.At(kName));
}

TEST_F(Tls, StartTlsIsUsedWhereItIsOffered) {
  const Receiver receiver(Options("starttls"));
  ExpectArrives(receiver, "smtp://" + receiver.At(kOther));
}

TEST_F(Tls, RefusesStartTlsWithTheWrongName) {
  const Receiver receiver(Options("starttls"));
  ExpectHeld(receiver, "smtp+tls://" + receiver.At(kOther));
}

TEST_F(Tls, RefusesImplicitTlsWithTheWrongName) {
  const Receiver receiver(Options("implicit"));
  ExpectHeld(receiver, "smtps://" + receiver.At(kOther));
}

TEST_F(Tls, RefusesAServerThatDoesNotOfferIt) {
  const Receiver receiver;
  ExpectHeld(receiver, "smtp+tls://" + receiver.At(kName));
}

TEST_F(Tls, RefusesAServerThatDeclinesIt) {
  Receiver receiver(Options("starttls"));
  receiver.SetRules("STARTTLS 454 4.7.0 not now\n");
  ExpectHeld(receiver, "smtp+tls://" + receiver.At(kName));
}

TEST_F(Tls, TakesAServerByItsKey) {
  const Receiver receiver(Options("starttls"));
  const auto pin = Check({"sh", "-c",
                          "openssl x509 -pubkey -noout -in " + authority->Certificate(kName) +
                              " | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64"});
  const std::string other(43, 'A');
  // The name in the certificate is another one.
  ExpectArrives(receiver, "smtp://" + receiver.At(kOther), "",
                "TlsPins=sha256//" + other + "= sha256//" + pin + "\n");
}

TEST_F(Tls, RefusesAServerWithAnotherKey) {
  const Receiver receiver(Options("starttls"));
  ExpectHeld(receiver, "smtp://" + receiver.At(kName), "TlsPins=sha256//" + std::string(43, 'A') + "=\n");
}

TEST_F(Tls, BelievesTheAuthoritiesThatItIsTold) {
  const std::string certificate = "/tmp/authority/own.crt";
  const std::string key = "/tmp/authority/own.key";
  Check({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3", "-subj", "/CN=own",
         "-addext", std::string("subjectAltName=DNS:") + kOther, "-keyout", key, "-out", certificate});
  const Receiver receiver({"--tls=implicit", "--cert=" + certificate, "--key=" + key});
  const SetupFile own("/etc/mailqueue/own.pem", Check({"cat", certificate}), 0644);
  ExpectHeld(receiver, "smtps://" + receiver.At(kOther));
  ExpectArrives(receiver, "smtps://" + receiver.At(kOther), "", "TlsAuthorities=/etc/mailqueue/own.pem\n");
}

TEST_F(Tls, BelievesNoOtherAuthoritiesThen) {
  const Receiver receiver(Options("implicit"));
  ExpectHeld(receiver, "smtps://" + receiver.At(kName),
             "TlsAuthorities=/usr/share/ca-certificates/mozilla/ISRG_Root_X1.crt\n");
}

// Mail that must be protected never goes where the connection of other mail is not.
TEST_F(Tls, RoutesWithDifferentPoliciesNeverShareAConnection) {
  const Receiver receiver(Options("starttls"));
  const Configuration configuration("[Relay]\nHost=smtp+notls://" + receiver.At(kName) +
                                    "\n[Relay.verified]\nHost=smtp+tls://" + receiver.At(kName) +
                                    "\nSenders=@verified.example\n[Relay.lenient]\nHost=smtp://" +
                                    receiver.At(kName) + "\nSenders=@lenient.example\n");
  std::set<std::string> connections;
  for (const char* sender : {"me@clear.example", "me@verified.example", "me@lenient.example"}) {
    const auto subject = MakeSubject();
    Send("alice", {"-f", sender, "friend@remote.example"}, MakeMessage(subject));
    const auto received = receiver.WaitFor(subject);
    EXPECT_EQ(received.tls == "no", sender == std::string("me@clear.example")) << sender << received.tls;
    connections.insert(received.connection);
  }
  EXPECT_EQ(connections.size(), 3U);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(Tls, ObeysNothingThatWasInjectedBeforeIt) {
  Receiver receiver(Options("starttls"));
  receiver.SetRules("INJECT 250 2.0.0 injected\n");
  ExpectHeld(receiver, "smtp+tls://" + receiver.At(kName));
}

class Auth : public Tls, public testing::WithParamInterface<const char*> {
 protected:
  static std::vector<std::string> WithAuth(const std::string& kind, const std::string& mechanism) {
    return Options(kind, {"--auth=" + mechanism, "--user=alice@isp.example", "--password=pa:ss word"});
  }
  static constexpr const char* kCredential = "/etc/mailqueue/credentials/isp";
};

INSTANTIATE_TEST_SUITE_P(Each, Auth,
                         testing::Values("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256",
                                         "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(Auth, UsesTheCredentialOverStartTls) {
  const SetupFile credential(kCredential, "alice@isp.example:pa:ss word\n", 0600);
  const Receiver receiver(WithAuth("starttls", GetParam()));
  ExpectArrives(receiver, "smtp+tls://isp@" + receiver.At(kName), "alice@isp.example");
}

TEST_P(Auth, UsesTheCredentialOverImplicitTls) {
  const SetupFile credential(kCredential, "alice@isp.example:pa:ss word\n", 0600);
  const Receiver receiver(WithAuth("implicit", GetParam()));
  ExpectArrives(receiver, "smtps://isp@" + receiver.At(kName), "alice@isp.example");
}

TEST_P(Auth, HoldsMailWithTheWrongPassword) {
  const SetupFile credential(kCredential, "alice@isp.example:wrong\n", 0600);
  const Receiver receiver(WithAuth("starttls", GetParam()));
  ExpectHeld(receiver, "smtp+tls://isp@" + receiver.At(kName));
}

// One attempt for all mail, until the credential changes.
TEST_F(Auth, HoldsAllMailUntilTheCredentialChanges) {
  const SetupFile credential(kCredential, "alice@isp.example:wrong\n", 0600);
  const Receiver receiver(WithAuth("starttls", "PLAIN"));
  const Configuration configuration(RelayTo("smtp+tls://isp@" + receiver.At(kName)));
  std::vector<std::string> subjects;
  for (int i = 0; i < 10; ++i) {
    Send("alice", {"friend@remote.example"}, MakeMessage(subjects.emplace_back(MakeSubject())));
    const auto all_tried = [&] {
      const auto queue = ReadQueue();
      return queue.size() == subjects.size() &&
             std::ranges::all_of(queue, [](const auto& envelope) { return envelope.attempts > 0; });
    };
    ASSERT_TRUE(WaitUntil(all_tried)) << DescribeQueue();
  }
  EXPECT_EQ(receiver.Counter("connections"), 1U);
  std::ofstream(kCredential) << "alice@isp.example:pa:ss word\n";
  ASSERT_TRUE(receiver.WaitForCount(10));
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  for (const auto& subject : subjects) EXPECT_EQ(receiver.WithSubject(subject).size(), 1U);
  EXPECT_EQ(MailboxText("alice"), "");
}

TEST_F(Auth, HoldsMailWithoutACredential) {
  const Receiver receiver(WithAuth("starttls", "PLAIN"));
  ExpectHeld(receiver, "smtp+tls://nobody@" + receiver.At(kName));
}

// With the password on standard input, as a program would give it.
TEST_F(Auth, IsSetUp) {
  const Receiver receiver(WithAuth("starttls", "PLAIN"));
  const std::string drop_in = "/etc/mailqueue/mailqueue.conf.d/isp.conf";
  const std::string sealed = "/etc/mailqueue/credentials.encrypted/isp";
  const SetupFile credential_goes(kCredential, "", 0644);  // these are removed behind the test
  const SetupFile sealed_goes(sealed, "", 0644);
  const SetupFile drop_in_goes(drop_in, "");
  std::vector<std::string> words = {"mailqueuectl", "setup", "alice@isp.example", "--name=isp",
                                    "--host=smtp+tls://" + receiver.At(kName)};
  EXPECT_EQ(Execute({.words = words, .input = "pa:ss word\n"}).status, 73) << "overwrites nothing unasked";
  words.emplace_back("--force");
  EXPECT_EQ(Execute({.words = words, .user = "alice", .input = "pa:ss word\n"}).status, 77);
  const auto done = Execute({.words = words, .input = "pa:ss word\n"});
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  for (const char* part : {"All mail goes to", "takes mail", ", verified", "by PLAIN"})
    EXPECT_NE(done.out.find(part), done.out.npos) << part << " in " << done.out;
  EXPECT_FALSE(fs::exists(kCredential));
  EXPECT_EQ(fs::status(sealed).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(TextOf(sealed).find("pa:ss"), std::string::npos);
  const auto subject = MakeSubject();
  Send("alice", {"friend@remote.example"}, MakeMessage(subject));
  EXPECT_EQ(receiver.WaitFor(subject).auth, "alice@isp.example");
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

class Token : public Tls, public testing::WithParamInterface<const char*> {
 protected:
  // The command prints the first line of a file, and counts how often it is asked.
  Token()
      : command_(kCommand,
                 "#!/bin/sh\n"
                 "echo \"$(id -un) $HOME $*\" >>asked\n"
                 "echo looking for a token >&2\n"
                 "exec cat token\n",
                 0755),
        user_(kCredential, "alice@isp.example\n", 0600) {
    Check({"install", "-d", "-o", "mailqueue-token", "-g", "mailqueue-token", "-m", "700", kHome});
    SetToken("good");
  }
  ~Token() override { Check({"rm", "-rf", std::string(kHome) + "/asked", std::string(kHome) + "/token"}); }

  static void SetToken(const std::string& token) {
    const SetupFile file("/tmp/token", token + "\n");
    Check({"install", "-o", "mailqueue-token", "-m", "600", "/tmp/token", std::string(kHome) + "/token"});
  }
  static std::string Asked() { return Execute({.words = {"cat", std::string(kHome) + "/asked"}}).out; }
  static std::vector<std::string> WithToken(const std::string& mechanism) {
    return Options("implicit", {"--auth=" + mechanism, "--user=alice@isp.example", "--password=good"});
  }
  static std::string Relay(const Receiver& receiver) {
    return RelayTo("smtps://isp@" + receiver.At(kName)) + "[Relay]\nTokenCommand=" + kCommand +
           " --for 'my account'\n";
  }
  static bool IsHeld() {
    const auto queue = ReadQueue();
    return queue.size() == 1 && queue[0].attempts > 0;
  }

  static constexpr const char* kHome = "/var/lib/mailqueue-token";
  static constexpr const char* kCommand = "/usr/local/bin/get-token";
  static constexpr const char* kCredential = "/etc/mailqueue/credentials/isp";
  static constexpr const char* kOnce = "mailqueue-token /var/lib/mailqueue-token --for my account\n";

 private:
  const SetupFile command_;
  const SetupFile user_;
};

INSTANTIATE_TEST_SUITE_P(Each, Token, testing::Values("OAUTHBEARER", "XOAUTH2"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(Token, IsWhatTheCommandPrints) {
  const Receiver receiver(WithToken(GetParam()));
  const Configuration configuration(Relay(receiver));
  for (int i = 0; i < 2; ++i) {
    const auto subject = MakeSubject();
    Send("alice", {"friend@remote.example"}, MakeMessage(subject));
    EXPECT_EQ(receiver.WaitFor(subject).auth, "alice@isp.example");
    EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  }
  EXPECT_EQ(Asked(), kOnce);
}

TEST_P(Token, IsFetchedOnceMoreWhenItIsRefused) {
  SetToken("stale");
  const Receiver receiver(WithToken(GetParam()));
  const Configuration configuration(Relay(receiver));
  const auto subject = MakeSubject();
  Send("alice", {"friend@remote.example"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil(IsHeld)) << DescribeQueue();
  EXPECT_EQ(Asked(), std::string(kOnce) + kOnce);
  EXPECT_EQ(receiver.Counter("connections"), 2U);
  EXPECT_EQ(receiver.All().size(), 0U);
  SetToken("good");
  std::ofstream(kCredential) << "alice@isp.example\n";
  EXPECT_EQ(receiver.WaitFor(subject).auth, "alice@isp.example");
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(MailboxText("alice"), "");
}

TEST_F(Token, IsMissedWhereTheCommandFails) {
  Check({"rm", "-f", std::string(kHome) + "/token"});
  const Receiver receiver(WithToken("XOAUTH2"));
  const Configuration configuration(Relay(receiver));
  Send("alice", {"friend@remote.example"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsHeld)) << DescribeQueue();
  const auto text = ReadQueue().front().recipients.front().result->text;
  EXPECT_NE(text.find("printed no token"), text.npos) << text;
  EXPECT_EQ(receiver.Counter("connections"), 0U);
}
