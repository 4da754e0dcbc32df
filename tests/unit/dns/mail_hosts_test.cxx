// SPDX-License-Identifier: BSD-2-Clause
#include "dns/mail_hosts.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace {

using dns::MailHost;
using dns::MxRecord;
using Strings = std::vector<std::string>;
using testing::ElementsAre;
using testing::SizeIs;

Strings NamesOf(const std::vector<MxRecord>& records) {
  Strings names;
  for (const auto& record : records) names.push_back(record.host);
  return names;
}

TEST(MailHosts, AreOrderedByPreference) {
  std::mt19937 random(1);
  EXPECT_THAT(NamesOf(dns::OrderMxRecords({{20, "c"}, {0, "a"}, {10, "b"}, {10, "B"}, {65535, "d"}}, random)),
              ElementsAre("a", "b", "c", "d"));
}

TEST(MailHosts, OfOnePreferenceAreShuffled) {
  std::mt19937 random(1);
  std::set<Strings> orders;
  for (int i = 0; i < 200; ++i)
    orders.insert(NamesOf(dns::OrderMxRecords({{10, "a"}, {10, "b"}, {10, "c"}, {20, "d"}}, random)));
  EXPECT_THAT(orders, SizeIs(6));
  for (const auto& order : orders) EXPECT_EQ(order.back(), "d");
}

TEST(MailHosts, AreNames) {
  std::mt19937 random(1);
  EXPECT_THAT(NamesOf(dns::OrderMxRecords({{1, "192.0.2.1"}, {2, "."}, {3, "mx"}, {4, "a b"}}, random)),
              ElementsAre("mx"));
}

TEST(MailHosts, AreNotTooMany) {
  std::vector<MxRecord> records;
  for (std::uint16_t i = 0; i < 50; ++i) records.push_back({i, "mx" + std::to_string(i)});
  std::mt19937 random(1);
  EXPECT_THAT(dns::OrderMxRecords(records, random), SizeIs(dns::kMaxMailHosts));
}

TEST(MailHosts, KnowsTheNullMx) {
  EXPECT_TRUE(dns::IsNullMx({{0, "."}}));
  EXPECT_FALSE(dns::IsNullMx({}));
  EXPECT_FALSE(dns::IsNullMx({{0, "mx"}}));
  EXPECT_FALSE(dns::IsNullMx({{0, "."}, {10, "mx"}}));
}

MailHost HostAt(std::uint16_t preference, const std::string& address) {
  MailHost host{address, preference, {}};
  host.found.addresses = {asio::ip::make_address(address)};
  return host;
}

TEST(MailHosts, WithoutThisMachineAndWhatIsNotPreferredToIt) {
  const dns::OwnAddresses own({asio::ip::make_address("192.0.2.1")});
  const struct {
    std::vector<MailHost> hosts;
    std::size_t left;
  } cases[] = {
      {{HostAt(10, "192.0.2.2"), HostAt(20, "192.0.2.3")}, 2},
      {{HostAt(10, "192.0.2.2"), HostAt(20, "192.0.2.3"), HostAt(20, "192.0.2.1"), HostAt(30, "192.0.2.4")},
       1},
      {{HostAt(10, "192.0.2.1"), HostAt(20, "192.0.2.2")}, 0},
      {{HostAt(10, "127.0.0.1")}, 0},
      {{}, 0},
  };
  for (const auto& [hosts, left] : cases) {
    auto kept = hosts;
    EXPECT_EQ(dns::DropOwn(kept, own), left < hosts.size());
    EXPECT_THAT(kept, SizeIs(left));
  }
}

}  // namespace
