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
      [](Identity& id) { id.demand = mail::TlsDemand::Required; },
      [](Identity& id) { id.demand = mail::TlsDemand::Optional; },
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

std::optional<Identity> Make(const std::string& url, const config::RelayOptions& options,
                             mail::TlsDemand demand = mail::TlsDemand::None) {
  mail::DeliveryResult fault;
  return relay::MakeIdentity(url, options, "client.example", demand, fault);
}

TEST(Identity, IsMadeOfUrlAndOptions) {
  config::RelayOptions options;
  options.source_addresses = {"192.0.2.1"};
  options.insecure_auth = true;
  const auto plain = Make("smtp://mx.example", options);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->url.host, "mx.example");
  EXPECT_EQ(plain->helo, "client.example");
  EXPECT_EQ(plain->source_addresses, options.source_addresses);
  EXPECT_TRUE(plain->insecure_auth);
  options.helo = "other.example";
  EXPECT_EQ(Make("smtp://mx.example", options)->helo, "other.example");
}

TEST(Identity, OfAServerThatIsKnownByItsKeyMeansNoOther) {
  using config::Tls;
  config::RelayOptions pins;
  pins.tls_pins = {"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="};
  config::RelayOptions authorities;
  authorities.tls_authorities = "/dev/null";
  for (const auto& options : {pins, authorities}) {
    EXPECT_EQ(Make("smtp://mx.example", options)->url.tls, Tls::Required);
    EXPECT_EQ(Make("smtps://mx.example", options)->url.tls, Tls::Implicit);
    EXPECT_EQ(Make("smtp+notls://mx.example", options)->url.tls, Tls::Never);
    EXPECT_EQ(Make("mx://example", options)->url.tls, Tls::Opportunistic);
  }
  EXPECT_EQ(Make("smtp://mx.example", {})->url.tls, Tls::Opportunistic);
}

TEST(Identity, HasTlsWhereAMessageDemandsIt) {
  using config::Tls;
  using mail::TlsDemand;
  EXPECT_EQ(Make("smtp://mx.example", {}, TlsDemand::Required)->url.tls, Tls::Required);
  EXPECT_EQ(Make("mx://example", {}, TlsDemand::Required)->demand, TlsDemand::Required);
  EXPECT_EQ(Make("mx://example", {}, TlsDemand::Optional)->demand, TlsDemand::Optional);
  // What the administrator asks of a relay is not the message's to give up.
  EXPECT_EQ(Make("smtp+tls://mx.example", {}, TlsDemand::Optional)->Key(),
            Make("smtp+tls://mx.example", {})->Key());
}

TEST(Identity, IsNoneWhereAFileIsMissing) {
  mail::DeliveryResult fault;
  config::RelayOptions options;
  options.tls_authorities = "/nonexistent/ca.pem";
  EXPECT_FALSE(relay::MakeIdentity("smtps://mx.example", options, "x", mail::TlsDemand::None, fault));
  EXPECT_EQ(fault.status, "4.3.5");
  EXPECT_NE(fault.text.find("/nonexistent/ca.pem: No such file"), std::string::npos) << fault.text;
  options = {};
  options.tls_certificate = "nobody";
  EXPECT_FALSE(relay::MakeIdentity("smtps://mx.example", options, "x", mail::TlsDemand::None, fault));
  EXPECT_EQ(fault.status, "4.7.8");
  EXPECT_NE(fault.text.find("TlsCertificate=nobody"), std::string::npos) << fault.text;
}

}  // namespace
