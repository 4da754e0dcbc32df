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
  records += fmt::format("issuer.example. MX 10 alias.example.\nalias.example. CNAME {}.\n", kSecure);
  return records;
}

}  // namespace

class Mx : public SystemTest {
 protected:
  static void SetUpTestSuite() {
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
  static void TearDownTestSuite() { server.reset(); }

  // Alice's message to the hosts of a domain.
  static std::string SendTo() {
    const auto subject = MakeSubject();
    Send("alice", {"friend@remote.example"}, MakeMessage(subject));
    return subject;
  }
  // @return how the message was received
  static Received ExpectArrives(const std::string& domain, const Receiver& receiver) {
    const Configuration configuration(RelayTo("mx://" + domain));
    const auto received = receiver.WaitFor(SendTo());
    EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
    EXPECT_EQ(MailboxText("alice"), "");
    return received;
  }
  static void ExpectBounces(const std::string& domain, const std::string& status) {
    const Configuration configuration(RelayTo("mx://" + domain));
    SendTo();
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
