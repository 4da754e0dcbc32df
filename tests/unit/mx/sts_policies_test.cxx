// SPDX-License-Identifier: BSD-2-Clause
#include "mx/sts_policies.hxx"

#include "nameserver/name_server.hxx"
#include "unit/await.hxx"

#include <gtest/gtest.h>

#include <ctime>

namespace {

using mx::StsFetched;
using Mode = mx::StsPolicy::Mode;

constexpr const char* kEnforce = "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 1000\n";

// Notes what it is asked for.
class FakeFetcher final : public mx::StsFetcher {
 public:
  asio::awaitable<StsFetched> Fetch(std::string domain, std::vector<asio::ip::address> addresses,
                                    std::chrono::milliseconds) override {
    EXPECT_EQ(addresses.size(), 1U);
    domains.push_back(domain);
    co_return answer;
  }

  StsFetched answer{kEnforce, "", false};
  std::vector<std::string> domains;
};

class StsPoliciesTest : public testing::Test {
 protected:
  StsPoliciesTest() { Restart(); }
  void Restart() {
    policies_ =
        std::make_unique<mx::StsPolicies>(resolver_, fetcher_, server_.Directory() + "/sts",
                                          [this](const std::string& text) { reports_.push_back(text); });
  }
  std::optional<mx::StsPolicy> Find(const std::string& domain) {
    return Await(context_, policies_->Find(domain)).policy;
  }
  void Store(const std::string& domain, const std::string& id, std::time_t age) {
    mx::StsStore(server_.Directory() + "/sts").Keep(domain, {id, std::time(nullptr) - age, kEnforce});
  }

  asio::io_context context_;
  NameServer server_{{.root = "_mta-sts.a.example. TXT \"v=STSv1; id=1;\"\n"
                              "mta-sts.a.example. A 127.0.0.1\n"
                              "_mta-sts.bad.example. TXT \"v=STSv1; id=1;\"\n"
                              "mta-sts.bad.example. A 127.0.0.1\n"
                              "_mta-sts.lost.example. TXT \"v=STSv1; id=1;\"\n"}};
  dns::Resolver resolver_{context_.get_executor(),
                          {server_.ResolvConf(), server_.Directory() + "/hosts", server_.Anchor(),
                           server_.Port(), std::chrono::seconds(20)},
                          [](const std::string&) {}};
  FakeFetcher fetcher_;
  std::vector<std::string> reports_;
  std::unique_ptr<mx::StsPolicies> policies_;
};

TEST_F(StsPoliciesTest, AreFetchedOnce) {
  for (int i = 0; i < 2; ++i) {
    const auto policy = Find("a.example");
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->mode, Mode::Enforce);
    EXPECT_TRUE(policy->Names("mx.example"));
  }
  EXPECT_EQ(fetcher_.domains, std::vector<std::string>{"a.example"});
  EXPECT_TRUE(mx::StsStore(server_.Directory() + "/sts").Find("a.example"));
}

TEST_F(StsPoliciesTest, AreNotAskedForWithoutARecord) {
  EXPECT_FALSE(Find("none.example"));
  EXPECT_TRUE(fetcher_.domains.empty());
}

TEST_F(StsPoliciesTest, AreFetchedAgainWithAnotherIdAndHalfWay) {
  Store("a.example", "1", 10);
  EXPECT_TRUE(Find("a.example"));
  EXPECT_EQ(fetcher_.domains.size(), 0U);
  for (const auto& [id, age] : {std::pair{"0", 10}, std::pair{"1", 600}}) {
    fetcher_.domains.clear();
    Store("bad.example", id, age);
    Restart();
    EXPECT_TRUE(Find("bad.example"));
    EXPECT_EQ(fetcher_.domains.size(), 1U) << id;
  }
}

TEST_F(StsPoliciesTest, StayInForceWhereTheRecordOrTheServerIsGone) {
  Store("none.example", "1", 10);
  EXPECT_TRUE(Find("none.example"));
  fetcher_.answer = {"", "no route", false};
  Store("a.example", "0", 10);
  EXPECT_TRUE(Find("a.example"));
  EXPECT_EQ(reports_.size(), 1U);
  Store("bad.example", "0", 1000);
  EXPECT_FALSE(Find("bad.example")) << "it is in force no longer";
}

TEST_F(StsPoliciesTest, AreNotFetchedAgainAtOnceAfterAFailure) {
  for (const auto* text : {"", "nonsense"}) {
    fetcher_.answer = {text, "no route", false};
    for (int i = 0; i < 3; ++i) {
      const auto found = Await(context_, policies_->Find("a.example"));
      EXPECT_FALSE(found.policy);
      EXPECT_TRUE(found.unknown);
    }
  }
  EXPECT_FALSE(Await(context_, policies_->Find("without.example")).unknown);
  EXPECT_EQ(fetcher_.domains.size(), 1U);
  EXPECT_EQ(reports_.size(), 1U);
}

TEST_F(StsPoliciesTest, AreUnknownWhereTheWebServerHasNoAddress) {
  const auto found = Await(context_, policies_->Find("lost.example"));
  EXPECT_FALSE(found.policy);
  EXPECT_TRUE(found.unknown);
  EXPECT_TRUE(fetcher_.domains.empty());
  EXPECT_EQ(reports_.size(), 1U);
}

}  // namespace
