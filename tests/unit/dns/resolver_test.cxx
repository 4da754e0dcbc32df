// SPDX-License-Identifier: BSD-2-Clause
// Against nsd with a root zone of its own, signed, forged and unsigned.
#include "dns/resolver.hxx"

#include "dns/mail_hosts.hxx"
#include "nameserver/name_server.hxx"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

namespace {

using dns::MailHosts;
using dns::Status;
using dns::Trust;
using dns::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const NameServer::Content kWorld = {
    .root =
        "good.example. MX 20 mx2.good.example.\n"
        "good.example. MX 10 mx1.good.example.\n"
        "good.example. MX 10 gone.good.example.\n"
        "mx1.good.example. A 192.0.2.1\n"
        "mx1.good.example. AAAA 2001:db8::1\n"
        "mx2.good.example. A 192.0.2.2\n"
        "_25._tcp.mx1.good.example. TLSA 3 1 1 "
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
        "alias.example. CNAME mx1.good.example.\n"
        "implicit.example. A 192.0.2.3\n"
        "text.example. TXT \"only\" \"text\"\n"
        "null.example. MX 0 .\n"
        "lost.example. MX 10 nowhere.example.\n"
        "literal.example. MX 10 192.0.2.1.\n"
        "loop.example. MX 10 me.example.\n"
        "loop.example. MX 20 mx1.good.example.\n"
        "me.example. A 127.0.0.1\n"
        "backup.example. MX 10 mx1.good.example.\n"
        "backup.example. MX 20 me.example.\n"
        "backup.example. MX 30 mx2.good.example.\n"
        "forged.example. MX 10 real.forged.example.\n"
        "real.forged.example. A 192.0.2.66\n"
        "forged-host.example. MX 10 real.forged.example.\n"
        "half.example. MX 10 mx.dead.\n"
        "half.example. MX 20 mx1.good.example.\n"
        "down.example. MX 10 mx.dead.\n",
    .forged = {{"10 real.forged.example.", "10 fake.forged.example."}, {"192.0.2.66", "192.0.2.67"}},
    .plain_zones = {{"plain.", "plain. MX 10 mx.plain.\nmx.plain. A 192.0.2.4\n"}, {"dead.", ""}},
};

class ResolverTest : public testing::Test {
 protected:
  void Serve(const NameServer::Content& content) {
    server_ = std::make_unique<NameServer>(content);
    files_ = {server_->ResolvConf(), server_->Directory() + "/hosts", server_->Anchor(), server_->Port(),
              std::chrono::seconds(20)};
    std::ofstream(files_.hosts) << "192.0.2.5 box box.example\n";
    Restart();
  }
  void Restart() {
    resolver_ = std::make_unique<dns::Resolver>(
        context_.get_executor(), files_, [this](const std::string& text) { reports_.push_back(text); });
  }
  template <typename Value>
  Value Await(asio::awaitable<Value> awaitable) {
    std::optional<Value> result;
    std::exception_ptr fault;
    asio::co_spawn(context_, std::move(awaitable), [&](std::exception_ptr error, Value value) {
      fault = error;
      result = std::move(value);
    });
    context_.restart();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!result && context_.run_one_until(deadline) > 0) continue;
    if (fault) std::rethrow_exception(fault);
    return result.value();
  }
  dns::Answer Ask(const std::string& name, Type type) { return Await(resolver_->Ask(name, type)); }
  dns::HostAddresses Find(const std::string& host, Trust trust = Trust::Validated) {
    return Await(resolver_->FindAddresses({host}, trust)).front();
  }
  MailHosts FindMail(const std::string& domain) {
    return Await(dns::FindMailHosts(*resolver_, domain, dns::OwnAddresses({})));
  }
  // The status code of a domain that has no mail hosts.
  std::string FaultOf(const std::string& domain) {
    const auto found = FindMail(domain);
    EXPECT_TRUE(found.hosts.empty()) << domain;
    return found.fault ? found.fault->status : "none";
  }

  asio::io_context context_;
  std::unique_ptr<NameServer> server_;
  dns::SystemFiles files_;
  std::vector<std::string> reports_;
  std::unique_ptr<dns::Resolver> resolver_;
};

class SignedWorld : public ResolverTest {
 protected:
  SignedWorld() { Serve(kWorld); }
};

TEST_F(SignedWorld, IsValidated) {
  const struct {
    const char* name;
    Type type;
    Status status;
    bool secure;
  } cases[] = {
      {"good.example", Type::Mx, Status::Records, true},
      {"mx1.good.example", Type::Aaaa, Status::Records, true},
      {"_25._tcp.mx1.good.example", Type::Tlsa, Status::Records, true},
      {"_25._tcp.mx2.good.example", Type::Tlsa, Status::NoName, true},
      {"text.example", Type::Mx, Status::NoData, true},
      {"nothing.example", Type::Mx, Status::NoName, true},
      {"plain", Type::Mx, Status::Records, false},
      {"nothing.plain", Type::Mx, Status::NoName, false},
      {"forged.example", Type::Mx, Status::Bogus, false},
      {"mx.dead", Type::A, Status::Failed, false},
  };
  for (const auto& [name, type, status, secure] : cases) {
    const auto answer = Ask(name, type);
    EXPECT_EQ(answer.status, status) << name << ": " << answer.why;
    EXPECT_EQ(answer.secure, secure) << name;
    EXPECT_EQ(answer.why.empty(), status != Status::Bogus && status != Status::Failed) << name << answer.why;
  }
  EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(SignedWorld, HasAliases) {
  const auto answer = Ask("alias.example", Type::A);
  EXPECT_EQ(answer.canonical, "mx1.good.example");
  EXPECT_TRUE(answer.secure);
  EXPECT_EQ(Ask("mx1.good.example", Type::A).canonical, "");
  EXPECT_EQ(Find("alias.example").canonical, "mx1.good.example");
}

TEST_F(SignedWorld, HasAddressesOfBothFamilies) {
  const auto host = Find("mx1.good.example");
  EXPECT_EQ(host.status, Status::Records);
  EXPECT_TRUE(host.secure);
  EXPECT_THAT(host.addresses,
              ElementsAre(asio::ip::make_address("2001:db8::1"), asio::ip::make_address("192.0.2.1")));
  EXPECT_FALSE(Find("mx.plain").secure);
  EXPECT_EQ(Find("text.example").status, Status::NoData);
  EXPECT_EQ(Find("nothing.example").status, Status::NoName);
  EXPECT_EQ(Find("real.forged.example").status, Status::Bogus);
  EXPECT_EQ(Find("mx.dead").status, Status::Failed);
}

TEST_F(SignedWorld, AsksTheHostsFileFirst) {
  EXPECT_THAT(Find("box").addresses, ElementsAre(asio::ip::make_address("192.0.2.5")));
  EXPECT_THAT(Find("localhost").addresses, SizeIs(2));
  std::ofstream(files_.hosts) << "192.0.2.6 box\n";
  EXPECT_THAT(Find("box").addresses, ElementsAre(asio::ip::make_address("192.0.2.6")));
}

TEST_F(SignedWorld, TakesAnythingWhereNothingIsToBeValidated) {
  const auto host = Find("real.forged.example", Trust::Any);
  EXPECT_THAT(host.addresses, ElementsAre(asio::ip::make_address("192.0.2.67")));
  EXPECT_FALSE(host.secure);
}

TEST_F(SignedWorld, HasMailHosts) {
  const auto good = FindMail("good.example");
  ASSERT_THAT(good.hosts, SizeIs(2));
  EXPECT_TRUE(good.secure);
  EXPECT_EQ(good.hosts[0].name, "mx1.good.example");
  EXPECT_EQ(good.hosts[1].name, "mx2.good.example");
  const auto implicit = FindMail("implicit.example");
  ASSERT_THAT(implicit.hosts, SizeIs(1));
  EXPECT_EQ(implicit.hosts[0].name, "implicit.example");
  EXPECT_THAT(FindMail("box.example").hosts, SizeIs(1)) << "it stands in hosts";
  EXPECT_FALSE(FindMail("plain").secure);
  EXPECT_THAT(FindMail("half.example").hosts, SizeIs(1)) << "one of two can be looked up";
  const auto backup = FindMail("backup.example");
  ASSERT_THAT(backup.hosts, SizeIs(1));
  EXPECT_EQ(backup.hosts[0].name, "mx1.good.example") << "the others are this machine, and no better";
}

TEST_F(SignedWorld, HasDomainsWithoutMail) {
  const struct {
    const char* domain;
    const char* status;
  } cases[] = {
      {"null.example", "5.1.10"},  {"nothing.example", "5.1.2"}, {"text.example", "5.4.4"},
      {"lost.example", "5.4.4"},   {"literal.example", "5.4.4"}, {"loop.example", "5.4.6"},
      {"forged.example", "4.4.3"}, {"mx.dead", "4.4.3"},         {"forged-host.example", "4.4.3"},
      {"down.example", "4.4.3"},
  };
  for (const auto& [domain, status] : cases) EXPECT_EQ(FaultOf(domain), status) << domain;
}

TEST_F(SignedWorld, IsAnotherWhenTheFilesChange) {
  EXPECT_TRUE(Ask("good.example", Type::Mx).secure);
  const NameServer other({.root = ""});
  std::filesystem::copy_file(other.Anchor(), files_.anchor,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_FALSE(Ask("good.example", Type::Mx).secure);
  EXPECT_THAT(reports_, SizeIs(1));
}

TEST_F(ResolverTest, ResolvesWithoutValidationWhereSignaturesAreStripped) {
  auto world = kWorld;
  world.sign = false;
  world.forged.clear();
  Serve(world);
  for (int i = 0; i < 2; ++i) {
    const auto found = FindMail("good.example");
    EXPECT_THAT(found.hosts, SizeIs(2)) << (found.fault ? found.fault->text : "");
    EXPECT_FALSE(found.secure);
  }
  EXPECT_THAT(reports_, ElementsAre(HasSubstr("signatures do not come through")));
}

TEST_F(ResolverTest, ResolvesWithoutValidationWithoutKeys) {
  Serve(kWorld);
  for (const std::string text : {"", "nonsense\n"}) {
    std::filesystem::remove(files_.anchor);
    if (!text.empty()) std::ofstream(files_.anchor) << text;
    reports_.clear();
    Restart();
    EXPECT_THAT(FindMail("good.example").hosts, SizeIs(2)) << text;
    EXPECT_THAT(reports_, SizeIs(1));
  }
}

TEST_F(ResolverTest, ConcludesNothingWhileNoServerAnswers) {
  Serve(kWorld);
  server_->Stop();
  files_.limit = std::chrono::seconds(1);
  Restart();
  EXPECT_EQ(FaultOf("good.example"), "4.4.3");
  EXPECT_THAT(reports_, IsEmpty());
}

}  // namespace
