// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/identity.hxx"

#include "courier/credentials.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>

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
      [](Identity& id) { id.owner = "alice"; },
      [](Identity& id) { id.owner = "bob"; },
      [](Identity& id) {
        id.owner = "bob";
        id.digest = "old";
      },
      [](Identity& id) {
        id.owner = "bob";
        id.digest = "new";
      },
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

std::string Credentials(const std::string& text) {
  courier::ChoiceWriter writer({"alice", 1, "smtps://isp@mx.example", ""});
  EXPECT_TRUE(writer.Add("isp", text));
  return std::string(writer.Text());
}

TEST(Identity, OfAUserHasHisOwnSecret) {
  const auto make = [](const std::string& owner, const std::string& text) {
    auto identity = Make("smtps://isp@mx.example", {}).value();
    const auto fault = relay::SetOwner(identity, owner, Credentials(text));
    EXPECT_FALSE(fault) << fault->text;
    return identity;
  };
  const auto alice = make("alice", "me:old:er");
  ASSERT_TRUE(alice.secret);
  EXPECT_EQ(alice.secret->user, "me");
  EXPECT_EQ(alice.secret->password, "old:er");
  EXPECT_EQ(alice.digest.size(), 32U);
  EXPECT_EQ(alice.Key().find("older"), std::string::npos);
  EXPECT_EQ(alice.Key(), make("alice", "me:old:er").Key());
  EXPECT_NE(alice.Key(), make("bob", "me:old:er").Key());
  EXPECT_NE(alice.Key(), make("alice", "me:new").Key());
  EXPECT_TRUE(make("alice", "me:new").HasOtherSecretThan(alice));
  EXPECT_FALSE(make("bob", "me:new").HasOtherSecretThan(alice));
  EXPECT_FALSE(alice.HasOtherSecretThan(make("alice", "me:old:er")));
  EXPECT_EQ(alice.Describe(), "smtps://isp@mx.example of the relay.conf of alice");
  EXPECT_EQ(alice.CredentialPath(), "~alice/.config/mailqueue/credentials/isp");
}

TEST(Identity, OfAUserNeverHasTheMachinesSecret) {
  auto identity = Make("smtps://isp@mx.example", {}).value();
  for (const auto& credentials : {std::string(), std::string("isp:me:secret\n")}) {
    const auto fault = relay::SetOwner(identity, "alice", credentials);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->status, "4.7.8");
    EXPECT_NE(fault->text.find("alice for 'isp'"), std::string::npos) << fault->text;
  }
  auto other = Make("smtps://other@mx.example", {}).value();
  EXPECT_TRUE(relay::SetOwner(other, "alice", Credentials("me:secret")));
  auto open = Make("smtp://mx.example", {}).value();
  EXPECT_FALSE(relay::SetOwner(open, "alice", "")) << "no login, no secret";
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
