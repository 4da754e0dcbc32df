// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/identity.hxx"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

namespace {

using relay::Identity;

TEST(Identity, HasTheSameKeyOnlyForTheSame) {
  using Change = std::function<void(Identity&)>;
  const std::vector<Change> changes = {
      [](Identity&) {},
      [](Identity& id) { id.url = config::RelayUrl::Parse("smtp://mx.example:26").value(); },
      [](Identity& id) { id.url = config::RelayUrl::Parse("smtps://mx.example:25").value(); },
      [](Identity& id) { id.url = config::RelayUrl::Parse("smtp+notls://mx.example").value(); },
      [](Identity& id) { id.url = config::RelayUrl::Parse("smtp+tls://mx.example").value(); },
      [](Identity& id) { id.url = config::RelayUrl::Parse("smtp+tls://one@mx.example").value(); },
      [](Identity& id) { id.url = config::RelayUrl::Parse("smtp+tls://two@mx.example").value(); },
      [](Identity& id) { id.url = config::RelayUrl::Parse("lmtp://mx.example:25").value(); },
      [](Identity& id) { id.helo = "other.example"; },
      [](Identity& id) { id.source_addresses = {"192.0.2.1"}; },
      [](Identity& id) {
        id.source_addresses = {"192.0.2.1", "2001:db8::1"};
      },
      [](Identity& id) { id.source_addresses = {"192.0.2.12001:db8::1"}; },
      [](Identity& id) { id.tls.pins = {"sha256//a"}; },
      [](Identity& id) {
        id.tls.pins = {"sha256//a", "sha256//b"};
      },
      [](Identity& id) { id.tls.authorities = "/a"; },
      [](Identity& id) { id.tls.certificate = "/a"; },
      [](Identity& id) { id.insecure_auth = true; },
  };
  std::set<std::string> keys;
  for (const auto& change : changes) {
    Identity id{.url = config::RelayUrl::Parse("smtp://mx.example").value(),
                .helo = "client.example",
                .source_addresses = {},
                .tls = {}};
    change(id);
    EXPECT_EQ(id.Key(), Identity(id).Key());
    keys.insert(id.Key());
  }
  EXPECT_EQ(keys.size(), changes.size());
}

}  // namespace
