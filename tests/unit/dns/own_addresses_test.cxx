// SPDX-License-Identifier: BSD-2-Clause
#include "dns/own_addresses.hxx"

#include <gtest/gtest.h>

namespace {

using asio::ip::make_address;

TEST(OwnAddresses, AreThoseThatLeadHere) {
  const dns::OwnAddresses own({make_address("192.0.2.1"), make_address("2001:db8::1")});
  for (const auto* text : {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "127.0.0.1", "127.9.9.9", "::1",
                           "0.0.0.0", "::", "::ffff:127.0.0.1"})
    EXPECT_TRUE(own.Has(make_address(text))) << text;
  for (const auto* text : {"192.0.2.2", "2001:db8::2", "10.0.0.1", "::ffff:192.0.2.2"})
    EXPECT_FALSE(own.Has(make_address(text))) << text;
}

TEST(OwnAddresses, ComeFromTheInterfaces) {
  EXPECT_FALSE(dns::OwnAddresses::Load().Has(make_address("192.0.2.1")));
}

}  // namespace
