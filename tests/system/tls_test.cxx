// SPDX-License-Identifier: BSD-2-Clause
// TLS of both kinds, verified with a certificate authority of our own, and AUTH with credentials files.
#include "fixture.hxx"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace machine;
namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "relay.test.example";
constexpr const char* kOther = "other.test.example";

// A private authority that the machine trusts, and a certificate for kName.
class Authority {
 public:
  Authority() {
    fs::create_directories(directory_);
    Openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=Test authority", "-keyout", directory_ + "/ca.key", "-out",
             directory_ + "/ca.crt"});
    Openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             fmt::format("/CN={}", kName), "-keyout", Key(), "-out", directory_ + "/request"});
    std::ofstream(directory_ + "/extensions") << "subjectAltName=DNS:" << kName << "\n";
    Openssl({"x509", "-req", "-in", directory_ + "/request", "-CA", directory_ + "/ca.crt", "-CAkey",
             directory_ + "/ca.key", "-CAcreateserial", "-days", "2", "-extfile", directory_ + "/extensions",
             "-out", Certificate()});
    fs::copy_file(directory_ + "/ca.crt", kTrusted, fs::copy_options::overwrite_existing);
    Check({"update-ca-certificates"});
    std::ofstream("/etc/hosts", std::ios::app) << "127.0.0.1 " << kName << " " << kOther << "\n";
  }

  [[nodiscard]] std::string Key() const { return directory_ + "/server.key"; }
  [[nodiscard]] std::string Certificate() const { return directory_ + "/server.crt"; }

 private:
  static void Openssl(std::vector<std::string> words) {
    words.insert(words.begin(), "openssl");
    Check(words);
  }

  static constexpr const char* kTrusted = "/usr/local/share/ca-certificates/mailqueue-test.crt";
  const std::string directory_ = "/tmp/authority";
};

}  // namespace

class Tls : public SystemTest {
 protected:
  static void SetUpTestSuite() {
    if (!authority) authority = std::make_unique<Authority>();  // for all suites of the program
  }
  static std::vector<std::string> Options(const std::string& kind, std::vector<std::string> more = {}) {
    more.insert(more.end(),
                {"--tls=" + kind, "--cert=" + authority->Certificate(), "--key=" + authority->Key()});
    return more;
  }
  void ExpectArrives(const Receiver& receiver, const std::string& url, const std::string& user = "") {
    const Configuration configuration(RelayTo(url));
    const auto subject = MakeSubject();
    Send("alice", {"friend@remote.example"}, MakeMessage(subject));
    const auto received = receiver.WaitFor(subject);
    EXPECT_TRUE(received.tls.starts_with("TLSv1.")) << received.tls;
    EXPECT_EQ(received.auth, user);
    EXPECT_TRUE(WaitUntil(IsQueueEmpty));
    EXPECT_EQ(receiver.Counter("violations"), 0U);
  }
  // The message stays in the queue, and its content was never sent.
  void ExpectHeld(const Receiver& receiver, const std::string& url) {
    const Configuration configuration(RelayTo(url));
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
  const SetupFile credential_goes(kCredential, "", 0644);  // removed behind the test, as is
  const SetupFile drop_in_goes(drop_in, "");
  std::vector<std::string> words = {"mailqueuectl", "setup", "alice@isp.example", "--name=isp",
                                    "--host=smtp+tls://" + receiver.At(kName)};
  EXPECT_EQ(Execute({.words = words, .input = "pa:ss word\n"}).status, 73) << "overwrites nothing unasked";
  words.emplace_back("--force");
  EXPECT_EQ(Execute({.words = words, .user = "alice", .input = "pa:ss word\n"}).status, 77);
  const auto done = Execute({.words = words, .input = "pa:ss word\n"});
  EXPECT_EQ(done.status, 0) << done.err;
  for (const char* part : {"All mail goes to", "takes mail", ", verified", "by PLAIN"})
    EXPECT_NE(done.out.find(part), done.out.npos) << part << " in " << done.out;
  EXPECT_EQ(fs::status(kCredential).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(TextOf(kCredential), "alice@isp.example:pa:ss word\n");
  const auto subject = MakeSubject();
  Send("alice", {"friend@remote.example"}, MakeMessage(subject));
  EXPECT_EQ(receiver.WaitFor(subject).auth, "alice@isp.example");
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}
