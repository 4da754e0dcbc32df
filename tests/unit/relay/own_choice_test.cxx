// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/own_choice.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kNow = 100'000;

class ChoiceOpenerTest : public testing::Test {
 protected:
  ChoiceOpenerTest() {
    settings_.relay.user_relays = true;
    settings_.relay.common.options = {{"TokenCommand", "/usr/bin/token"}, {"Helo", "machine.example"}};
  }

  static std::string MakeText(const courier::Choice& choice) {
    courier::ChoiceWriter writer(choice);
    EXPECT_TRUE(writer.Add("work", "alice:secret"));
    return std::string(writer.Text());
  }
  relay::OwnChoiceWord Open(const std::string& owner, const std::string& text) {
    return opener_.Open(owner, courier::MakeSealedFile(seal::Seal(text, opener_.Key())), settings_, kNow);
  }
  /// Why not; "" if it can be used.
  std::string Why(const std::string& owner, const std::string& text) {
    const auto word = Open(owner, text);
    const auto* const fault = std::get_if<mail::DeliveryResult>(&word);
    if (!fault) return {};
    EXPECT_EQ(fault->outcome, mail::Outcome::Deferred);
    EXPECT_EQ(fault->status, "4.3.5");
    return fault->text;
  }

  config::Settings settings_;
  relay::ChoiceOpener opener_{""};
  courier::Choice choice_{"alice", kNow, "smtps://work@a.example smtp://b.example", "InsecureAuth=yes\n"};
};

TEST_F(ChoiceOpenerTest, KnowsWhatTheUserHasChosen) {
  const auto word = Open("alice", MakeText(choice_));
  ASSERT_TRUE(std::holds_alternative<std::shared_ptr<const relay::OwnChoice>>(word));
  const auto& choice = *std::get<0>(word);
  EXPECT_EQ(choice.relays, (std::vector<std::string>{"smtps://work@a.example", "smtp://b.example"}));
  EXPECT_TRUE(choice.options.insecure_auth);
  EXPECT_EQ(choice.options.helo, "machine.example");
  EXPECT_EQ(choice.options.token_command, "") << "the machine's";
  EXPECT_EQ(courier::FindCredential(choice.text, "work"), "alice:secret");
}

TEST_F(ChoiceOpenerTest, TakesNoOtherUsersAndNoOldOnes) {
  EXPECT_NE(Why("bob", MakeText(choice_)), "");
  EXPECT_NE(Why("", MakeText(choice_)), "");
  choice_.made = kNow - 3600;
  EXPECT_EQ(Why("alice", MakeText(choice_)), "");
  choice_.made = kNow - 3601;
  EXPECT_NE(Why("alice", MakeText(choice_)).find("too old"), std::string::npos);
  choice_.made = kNow + 1;
  EXPECT_NE(Why("alice", MakeText(choice_)), "");
}

TEST_F(ChoiceOpenerTest, TakesNothingThatUsersMayNotHave) {
  for (const char* options :
       {"TokenCommand=/usr/bin/token\n", "TlsCertificate=office\n", "SourceAddress=192.0.2.1\n"}) {
    choice_.options = options;
    const auto word = Open("alice", MakeText(choice_));
    ASSERT_TRUE(std::holds_alternative<std::shared_ptr<const relay::OwnChoice>>(word)) << options;
    const auto& own = std::get<0>(word)->options;
    EXPECT_EQ(own.token_command + own.tls_certificate, "");
    EXPECT_TRUE(own.source_addresses.empty());
  }
  choice_.options = "Nonsense=yes\n";
  EXPECT_NE(Why("alice", MakeText(choice_)), "");
  choice_.options = "";
  choice_.relays = "lmtp:/run/dbus/system_bus_socket";
  EXPECT_NE(Why("alice", MakeText(choice_)), "");
  settings_.relay.user_relays = false;
  choice_.relays = "smtps://work@a.example";
  EXPECT_NE(Why("alice", MakeText(choice_)).find("UserRelays="), std::string::npos);
}

TEST_F(ChoiceOpenerTest, OpensOnlyWhatIsSealedForIt) {
  const relay::ChoiceOpener other("");
  const auto text = MakeText(choice_);
  const auto is_refused = [&](FdRef file) {
    return std::holds_alternative<mail::DeliveryResult>(opener_.Open("alice", file, settings_, kNow));
  };
  EXPECT_TRUE(is_refused(courier::MakeSealedFile(seal::Seal(text, other.Key()))));
  EXPECT_TRUE(is_refused(courier::MakeSealedFile(text)));
  EXPECT_TRUE(is_refused(courier::MakeSealedFile("")));
  EXPECT_TRUE(is_refused(FdRef(-1)));
  EXPECT_NE(Why("alice", "nonsense"), "");
}

TEST_F(ChoiceOpenerTest, KeepsItsKeyWhereNobodyElseCanReadIt) {
  const auto directory = fs::path(testing::TempDir()) / ("choices-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  const auto mask = ::umask(0077);
  const relay::ChoiceOpener first(directory);
  const relay::ChoiceOpener second(directory);
  ::umask(mask);
  EXPECT_EQ(first.Key(), second.Key());
  struct stat status {};
  ASSERT_EQ(::stat((directory / relay::ChoiceOpener::kSecretFile).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  ASSERT_EQ(::stat((directory / relay::ChoiceOpener::kKeyFile).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644U);
  std::ofstream(directory / relay::ChoiceOpener::kSecretFile) << "torn";
  const relay::ChoiceOpener third(directory);
  EXPECT_NE(first.Key(), third.Key());
  std::ifstream file(directory / relay::ChoiceOpener::kKeyFile, std::ios::binary);
  const std::string shown(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(shown, std::string(third.Key().begin(), third.Key().end()));
  fs::remove_all(directory);
}

}  // namespace
