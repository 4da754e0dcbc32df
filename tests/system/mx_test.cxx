// SPDX-License-Identifier: BSD-2-Clause
// Mail to the hosts that DNS names for a domain: a real name server with a signed root of its own, and
// receiving servers on addresses that lead here without being this machine's.
#include "authority.hxx"
#include "fixture.hxx"
#include "nameserver/name_server.hxx"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>

using namespace machine;
namespace fs = std::filesystem;

namespace {

// Hosts and their addresses. TLS servers have a certificate for kSecure, which the machine's authorities
// know.
constexpr const char* kFirst = "192.0.2.11";
constexpr const char* kSecond = "192.0.2.12";
constexpr const char* kDown = "192.0.2.13";
constexpr const char* kTlsAddress = "192.0.2.14";
constexpr const char* kSecure = "mx.secure.example";
constexpr const char* kStsAddress = "192.0.2.15";
constexpr const char* kSts = "mx.sts.example";
constexpr const char* kWebAddress = "192.0.2.20";

// The domains NAME.example with an MTA-STS policy: mode, the host that it names, and where mx.NAME.example
// is.
struct StsDomain {
  const char* name;
  const char* mode;
  const char* host;
  const char* address;
  bool certified = true;  // the web server has a certificate for it
};
constexpr StsDomain kStsDomains[] = {
    {"sts", "enforce", "*.sts.example", kStsAddress},
    {"sts-other-name", "enforce", "mx.sts-other-name.example", kStsAddress},
    {"sts-other-host", "enforce", "mx.sts.example", kStsAddress},
    {"sts-clear", "enforce", "mx.sts-clear.example", kFirst},
    {"sts-testing", "testing", "mx.sts.example", kStsAddress},
    {"sts-forged", "enforce", "nowhere.example", kStsAddress, false},
};

std::string Root(const Authority& authority) {
  const auto key = DigestOfKey(authority.Certificate(kSecure));
  const auto issuer = DigestOfCertificate(authority.Root());
  const std::string wrong(64, 'a');
  std::string records = fmt::format(
      "first.example. A {}\nsecond.example. A {}\ndown.example. A {}\n"
      "prefer.example. MX 20 second.example.\nprefer.example. MX 10 first.example.\n"
      "failover.example. MX 10 down.example.\nfailover.example. MX 20 second.example.\n"
      "implicit.example. A {}\n"
      "null.example. MX 0 .\n"
      "empty.example. TXT \"nothing\"\n"
      "loop.example. MX 10 me.example.\nme.example. A 127.0.0.1\n"
      "xn--bcher-kva.example. MX 10 first.example.\n",
      kFirst, kSecond, kDown, kFirst);
  // A domain NAME.example with one host of its own, and what TLSA says about it.
  const auto add = [&](const std::string& name, const std::string& address, const std::string& tlsa) {
    records += fmt::format("{0}.example. MX 10 mx.{0}.example.\nmx.{0}.example. A {1}\n", name, address);
    if (!tlsa.empty()) records += fmt::format("_25._tcp.mx.{}.example. TLSA {}\n", name, tlsa);
  };
  add("secure", kTlsAddress, "3 1 1 " + key);
  add("other-name", kTlsAddress, "3 1 1 " + key);
  add("wrong", kTlsAddress, "3 1 1 " + wrong);
  add("several", kTlsAddress,
      "3 1 1 " + wrong + fmt::format("\n_25._tcp.mx.several.example. TLSA 3 1 1 {}", key));
  add("issuer-wrong-name", kTlsAddress, "2 0 1 " + issuer);
  add("unknown", kTlsAddress, "1 1 1 " + wrong);
  add("unknown-clear", kFirst, "1 1 1 " + wrong);
  add("clear", kFirst, "3 1 1 " + key);
  add("forged", kTlsAddress, "3 1 1 " + std::string(64, 'b'));
  add("careless", kTlsAddress, "");
  for (const auto& domain : kStsDomains) {
    add(domain.name, domain.address, "");
    records += fmt::format("_mta-sts.{0}.example. TXT \"v=STSv1; id=1;\"\nmta-sts.{0}.example. A {1}\n",
                           domain.name, kWebAddress);
  }
  records += fmt::format("issuer.example. MX 10 alias.example.\nalias.example. CNAME {}.\n", kSecure);
  return records;
}

}  // namespace

class Mx : public SystemTest {
 protected:
  // Once for all suites of the program.
  static void SetUpTestSuite() {
    if (server) return;
    (void)Execute({.words = {"systemctl", "stop", "nsd.service", "nginx.service"}});
    Check({"ip", "route", "add", "local", "192.0.2.0/24", "dev", "lo"});
    authority = std::make_unique<Authority>();
    authority->Issue(kSecure);
    NameServer::Content content{.root = Root(*authority)};
    content.forged = {{std::string(64, 'b'), std::string(64, 'c')}};
    content.plain_zones = {{"dead.", ""},
                           {"plain.", fmt::format("plain. MX 10 mx.plain.\nmx.plain. A {}\n"
                                                  "_25._tcp.mx.plain. TLSA 3 1 1 {}\n",
                                                  kTlsAddress, std::string(64, 'a'))}};
    server = std::make_unique<NameServer>(content, 53);
    fs::copy_file(server->Anchor(), "/usr/share/dns/root.key", fs::copy_options::overwrite_existing);
    // What is mounted there, if anything, has the same name.
    std::ofstream("/etc/resolv.conf") << "nameserver 127.0.0.1\n";
  }
  // Alice's message to the hosts of a domain.
  static std::string SendTo(std::vector<std::string> options = {}, const std::string& fields = {}) {
    const auto subject = MakeSubject();
    options.emplace_back("friend@remote.example");
    Send("alice", options, fields + MakeMessage(subject));
    return subject;
  }
  // @return how the message was received
  static Received ExpectArrives(const std::string& domain, const Receiver& receiver,
                                const std::vector<std::string>& options = {},
                                const std::string& fields = {}) {
    const Configuration configuration(RelayTo("mx://" + domain));
    const auto received = receiver.WaitFor(SendTo(options, fields));
    EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
    EXPECT_EQ(MailboxText("alice"), "");
    return received;
  }
  static void ExpectBounces(const std::string& domain, const std::string& status,
                            const std::vector<std::string>& options = {}) {
    const Configuration configuration(RelayTo("mx://" + domain));
    SendTo(options);
    ASSERT_TRUE(WaitUntil([] { return !MailboxText("alice").empty() && IsQueueEmpty(); })) << DescribeQueue();
    EXPECT_NE(MailboxText("alice").find("Status: " + status), std::string::npos) << MailboxText("alice");
  }
  // The message stays in the queue. @return why
  static mail::DeliveryResult ExpectHeld(const std::string& domain) {
    const Configuration configuration(RelayTo("mx://" + domain));
    SendTo();
    const auto tried = [] {
      const auto queue = ReadQueue();
      return queue.size() == 1 && queue[0].attempts > 0;
    };
    EXPECT_TRUE(WaitUntil(tried, std::chrono::seconds(60))) << DescribeQueue();
    const auto queue = ReadQueue();
    EXPECT_EQ(MailboxText("alice"), "");
    return queue.empty() ? mail::DeliveryResult{} : queue[0].recipients[0].result.value();
  }
  static std::vector<std::string> WithTls() {
    return {"--tls=starttls", "--cert=" + authority->Certificate(kSecure),
            "--key=" + authority->Key(kSecure)};
  }

  static inline std::unique_ptr<Authority> authority;
  static inline std::unique_ptr<NameServer> server;
};

TEST_F(Mx, TakesTheBestHost) {
  const Receiver first({}, kFirst, 25);
  const Receiver second({}, kSecond, 25);
  ExpectArrives("prefer.example", first);
  EXPECT_EQ(second.Counter("connections"), 0U);
}

TEST_F(Mx, TakesTheNextHostWhereOneIsDown) {
  const Receiver second({}, kSecond, 25);
  ExpectArrives("failover.example", second);
}

TEST_F(Mx, TakesTheNextHostWhereOneRefuses) {
  Receiver first({}, kFirst, 25);
  first.SetRules("CONNECT 554 5.3.2 not here\n");
  const Receiver second({}, kSecond, 25);
  ExpectArrives("prefer.example", second);
  EXPECT_EQ(first.Counter("connections"), 1U);
}

TEST_F(Mx, TakesTheDomainItselfWithoutRecords) {
  const Receiver first({}, kFirst, 25);
  ExpectArrives("implicit.example", first);
}

TEST_F(Mx, UsesTlsWhereItIsOffered) {
  const Receiver receiver(WithTls(), kTlsAddress, 25);
  for (const auto* domain : {"careless.example", "plain"}) {
    const auto received = ExpectArrives(domain, receiver);
    EXPECT_TRUE(received.tls.starts_with("TLS")) << domain << received.tls;
    EXPECT_EQ(received.server_name, "mx." + std::string(domain));
  }
}

TEST_F(Mx, BouncesWhatNoHostTakes) {
  ExpectBounces("null.example", "5.1.10");
}

TEST_F(Mx, BouncesForADomainThatIsNot) {
  ExpectBounces("missing.example", "5.1.2");
}

TEST_F(Mx, BouncesForADomainWithoutHosts) {
  ExpectBounces("empty.example", "5.4.4");
}

TEST_F(Mx, BouncesALoop) {
  ExpectBounces("loop.example", "5.4.6");
}

TEST_F(Mx, HoldsWhatCantBeLookedUp) {
  EXPECT_EQ(ExpectHeld("dead").status, "4.4.3");
}

TEST_F(Mx, HoldsWhileTheHostIsDown) {
  const auto result = ExpectHeld("failover.example");
  EXPECT_NE(result.text.find(kDown), std::string::npos) << result.text;
  EXPECT_NE(result.text.find(kSecond), std::string::npos) << result.text;
}

class Dane : public Mx {
 protected:
  // The message stays in the queue, and nothing of it was sent.
  void ExpectHeldBack(const std::string& domain, const Receiver& from, const std::string& status) {
    const auto result = ExpectHeld(domain);
    EXPECT_EQ(result.status, status) << result.text;
    EXPECT_NE(result.text.find("mx." + domain), std::string::npos) << result.text;
    EXPECT_EQ(from.Counter("transactions"), 0U);
    EXPECT_EQ(from.All().size(), 0U);
  }
  const Receiver receiver{WithTls(), kTlsAddress, 25};
};

TEST_F(Dane, TakesTheKeyThatIsNamed) {
  // The name in the certificate does not count with a key.
  for (const auto* domain : {"secure.example", "other-name.example", "several.example"}) {
    const auto received = ExpectArrives(domain, receiver);
    EXPECT_TRUE(received.tls.starts_with("TLS")) << domain << received.tls;
    EXPECT_EQ(received.server_name, "mx." + std::string(domain));
  }
}

TEST_F(Dane, RefusesAnotherKey) {
  ExpectHeldBack("wrong.example", receiver, "4.7.5");
}

TEST_F(Dane, TakesAnAlias) {
  EXPECT_EQ(ExpectArrives("issuer.example", receiver).server_name, kSecure);
}

TEST_F(Dane, RefusesAnotherNameOfTheIssuer) {
  ExpectHeldBack("issuer-wrong-name.example", receiver, "4.7.5");
}

TEST_F(Dane, IsHeldByABogusRecord) {
  ExpectHeldBack("forged.example", receiver, "4.7.5");
}

TEST_F(Dane, AsksForTlsWhereNoRecordIsUnderstood) {
  EXPECT_TRUE(ExpectArrives("unknown.example", receiver).tls.starts_with("TLS"));
  const Receiver clear({}, kFirst, 25);
  ExpectHeldBack("unknown-clear.example", clear, "4.7.4");
}

TEST_F(Dane, SendsNothingInTheClear) {
  const Receiver clear({}, kFirst, 25);
  ExpectHeldBack("clear.example", clear, "4.7.4");
}

class TlsDemand : public Mx {
 protected:
  const std::vector<std::string> demand{"-O", "RequireTls=yes"};
  Receiver receiver{WithTls(), kTlsAddress, 25};
};

TEST_F(TlsDemand, IsPassedOnToAServerThatIsKnown) {
  const auto received = ExpectArrives("secure.example", receiver, demand);
  EXPECT_NE(received.sender.find(" REQUIRETLS"), std::string::npos) << received.sender;
}

TEST_F(TlsDemand, OfNobodyIsSaidToNobody) {
  const auto received = ExpectArrives("secure.example", receiver);
  EXPECT_EQ(received.sender.find("REQUIRETLS"), std::string::npos) << received.sender;
}

TEST_F(TlsDemand, BouncesWhereTheServerDoesNotShareIt) {
  receiver.SetRules("HIDE REQUIRETLS\n");
  ExpectBounces("secure.example", "5.7.30", demand);
  EXPECT_EQ(receiver.Counter("transactions"), 0U);
  EXPECT_EQ(MailboxText("alice").find("\nbody"), std::string::npos) << "only the header goes back";
}

TEST_F(TlsDemand, BouncesWhereNobodyVouchesForTheHost) {
  ExpectBounces("plain", "5.7.30", demand);
  EXPECT_EQ(receiver.Counter("connections"), 0U);
}

TEST_F(TlsDemand, BouncesWhereThereIsNoTls) {
  const Receiver clear({}, kFirst, 25);
  ExpectBounces("implicit.example", "5.7.10", demand);
  EXPECT_EQ(clear.Counter("transactions"), 0U);
}

TEST_F(TlsDemand, OfAReportIsAWish) {
  const Configuration configuration(RelayTo("mx://plain"));
  SendTo({"-O", "RequireTls", "-f", "sender@remote.example"});
  ASSERT_TRUE(receiver.WaitForCount(1)) << DescribeQueue();
  EXPECT_TRUE(receiver.All()[0].sender.starts_with("<>")) << receiver.All()[0].sender;
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

TEST_F(TlsDemand, MayBeGivenUpByTheSender) {
  ExpectArrives("wrong.example", receiver, {}, "TLS-Required: No\n");
}

/// nginx with the policies of all kStsDomains.
class WebServer {
 public:
  explicit WebServer(const Authority& authority) {
    fs::create_directories(directory_);
    std::string text = "error_log stderr;\npid " + directory_ + "/pid;\nevents {}\nhttp {\naccess_log off;\n";
    for (const auto& domain : kStsDomains) text += AddSite(authority, domain);
    std::ofstream(configuration_) << text << "}\n";
    Check({"nginx", "-c", configuration_});  // it listens when this returns
  }
  ~WebServer() { (void)Execute({.words = {"nginx", "-c", configuration_, "-s", "stop"}}); }
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

 private:
  std::string AddSite(const Authority& authority, const StsDomain& domain) const {
    const auto name = fmt::format("mta-sts.{}.example", domain.name);
    const auto root = directory_ + "/" + domain.name;
    fs::create_directories(root + "/.well-known");
    std::ofstream(root + "/.well-known/mta-sts.txt")
        << fmt::format("version: STSv1\nmode: {}\nmx: {}\nmax_age: 86400\n", domain.mode, domain.host);
    const auto certified = domain.certified ? name : "mta-sts.sts.example";
    if (domain.certified) authority.Issue(name);
    return fmt::format(
        "server {{ listen {}:443 ssl; server_name {}; root {}; default_type text/plain;\n"
        "ssl_certificate {}; ssl_certificate_key {}; }}\n",
        kWebAddress, name, root, authority.Certificate(certified), authority.Key(certified));
  }

  const std::string directory_ = "/tmp/web";
  const std::string configuration_ = directory_ + "/nginx.conf";
};

class Sts : public Mx {
 protected:
  static void SetUpTestSuite() {
    Mx::SetUpTestSuite();
    authority->Issue(kSts);
    web = std::make_unique<WebServer>(*authority);
  }
  static void TearDownTestSuite() { web.reset(); }
  void ExpectHeldBack(const std::string& domain, const Receiver& from, const std::string& status) {
    const auto result = ExpectHeld(domain);
    EXPECT_EQ(result.status, status) << result.text;
    EXPECT_NE(result.text.find("mx." + domain), std::string::npos) << result.text;
    EXPECT_EQ(from.Counter("transactions"), 0U);
  }

  static inline std::unique_ptr<WebServer> web;
  const Receiver receiver{
      {"--tls=starttls", "--cert=" + authority->Certificate(kSts), "--key=" + authority->Key(kSts)},
      kStsAddress,
      25};
};

TEST_F(Sts, TakesAHostThatProvesItsName) {
  EXPECT_TRUE(ExpectArrives("sts.example", receiver).tls.starts_with("TLS"));
  const auto kept = TextOf("/var/cache/mailqueue-relay/mta-sts/sts.example");
  EXPECT_NE(kept.find("mode: enforce"), std::string::npos) << kept;
  // Counted when the relay has nothing to do any more.
  const auto counted = [] {
    const auto text = Check({"sh", "-c", "cat /var/cache/mailqueue-relay/tlsrpt/* 2>&1 || :"});
    return text.find("sts.example sts mx.sts.example success") != text.npos;
  };
  EXPECT_TRUE(WaitUntil(counted, std::chrono::seconds(30), {"/var/cache/mailqueue-relay"}));
}

TEST_F(Sts, RefusesAHostWithAnotherName) {
  ExpectHeldBack("sts-other-name.example", receiver, "4.7.5");
}

TEST_F(Sts, RefusesAHostThatThePolicyDoesNotName) {
  ExpectHeldBack("sts-other-host.example", receiver, "4.7.5");
}

TEST_F(Sts, SendsNothingInTheClear) {
  const Receiver clear({}, kFirst, 25);
  ExpectHeldBack("sts-clear.example", clear, "4.7.4");
}

TEST_F(Sts, IsNotEnforcedWhileItIsTested) {
  ExpectArrives("sts-testing.example", receiver);
}

TEST_F(Sts, IsNotBelievedWithoutACertificate) {
  ExpectArrives("sts-forged.example", receiver);
}
