// SPDX-License-Identifier: BSD-2-Clause
// What a runner that somebody has broken into can have the relay do with the passwords of the machine and of
// its users; and what a relay can have the program for tokens do.
#include "base/error.hxx"
#include "base/file.hxx"
#include "courier/credentials.hxx"
#include "fixture.hxx"
#include "hostile_runner.hxx"
#include "receiver.hxx"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

using namespace machine;
namespace fs = std::filesystem;

namespace {

const std::string kText = "Subject: x\n\nHello\n";
const std::string kMachines = "machines-password";
const std::string kBobs = "bobs-password";

// Sends the relay a request, as the runner would.
std::string AskRelay(const std::string& relay, const std::string& options, const std::string& owner = {},
                     FdRef choice = FdRef(-1)) {
  auto request = HostileRunner::MakeRequest("", kText, {"a@remote.example"});
  request.relays = {relay};
  request.options = options;
  request.owner = owner;
  request.helo = "runner.example";
  const auto socket = HostileRunner::ConnectToRelay();
  return HostileRunner::Ask(socket, request, kText, choice).FirstResult();
}

HostileReply AskForRelays(const std::string& user) {
  auto request = HostileRunner::MakeRequest("", kText, {"a@remote.example"});
  request.own_relays = true;
  request.envelope.sender = user + "@remote.example";
  return HostileRunner::AskAgent(user, request, kText);
}

// Everything that the program prints for a request, as the relay gets it.
std::string AskForToken(const std::string& request) {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string("/run/mailqueue/token").copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    ThrowErrno("Failed to connect to", address.sun_path);
  // One that has refused the request reads no more of it.
  const auto sent = ::send(socket.Get(), request.data(), request.size(), MSG_NOSIGNAL);
  EXPECT_EQ(sent, static_cast<ssize_t>(request.size()));
  ::shutdown(socket.Get(), SHUT_WR);
  std::string text;
  char block[1024];
  for (;;) {
    const auto n = ::read(socket.Get(), block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(block, static_cast<std::size_t>(n));
  }
}

}  // namespace

class BrokenIntoRelayAtTheToken : public SystemTest {};

TEST_F(BrokenIntoRelayAtTheToken, HasNoCommandOfItsOwnRun) {
  const SetupFile ran("/usr/local/bin/token-of-the-test", "#!/bin/sh\necho token \"$@\"\n", 0755);
  const std::string command = "/usr/local/bin/token-of-the-test one";
  const Configuration configuration("[Relay]\nTokenCommand=" + command + "\n");
  for (const auto& request :
       {std::string(), std::string("/bin/echo token"), command + " two", command + ";/bin/echo token",
        "/usr/local/bin/token-of-the-test " + std::string(4096, 'x'), command + "\n/bin/echo token"})
    EXPECT_EQ(AskForToken(request), "") << request;
  EXPECT_EQ(AskForToken(command), "token one\n");
}

TEST_F(BrokenIntoRelayAtTheToken, HasACommandThatSeesNoMailNoHomeAndNoPassword) {
  const SetupFile credential("/etc/mailqueue/credentials/office", "me:" + kMachines + "\n", 0600);
  const SetupFile look("/usr/local/bin/token-of-the-test",
                       "#!/bin/sh\nid -un\nls /home/bob /root /var/spool/mailqueue/queue\n"
                       "cat /etc/mailqueue/credentials/* /var/mail/root\n"
                       "touch ~/kept && echo kept && rm ~/kept\n",
                       0755);
  const Configuration configuration("[Relay]\nTokenCommand=/usr/local/bin/token-of-the-test\n");
  EXPECT_EQ(AskForToken("/usr/local/bin/token-of-the-test"), "mailqueue-token\nkept\n");
}

class BrokenIntoRunnerAtTheRelay : public SystemTest {
 protected:
  BrokenIntoRunnerAtTheRelay() {
    const std::string script =
        "umask 077; mkdir -p ~/.config/mailqueue/credentials; cd ~/.config/mailqueue;"
        "printf '[Relay]\\nHost=smtp+notls://work@" +
        named_.At() + "\\n' >relay.conf; echo 'bob:" + kBobs + "' >credentials/work";
    EXPECT_EQ(Execute({.words = {"sh", "-c", script}, .user = "bob"}).status, 0);
  }
  ~BrokenIntoRunnerAtTheRelay() override { fs::remove_all("/home/bob/.config/mailqueue"); }

  // No server has seen a login but where the test expects one.
  void ExpectNoLogin(const std::string& what) const {
    for (const auto* const server : {&named_, &other_})
      for (const auto& message : server->All()) EXPECT_EQ(message.auth, "") << what;
    EXPECT_TRUE(other_.All().empty()) << what;
  }

  const SetupFile credential_{"/etc/mailqueue/credentials/office", "me:" + kMachines + "\n", 0600};
  const std::vector<std::string> options_ = {"--auth=PLAIN", "--user=me", "--password=" + kMachines};
  Receiver named_{options_};
  Receiver other_{options_};
};

TEST_F(BrokenIntoRunnerAtTheRelay, ShowsNoPasswordOfTheMachineElsewhere) {
  const Configuration configuration("[Relay]\nHost=smtps://office@" + named_.At("localhost") + "\n");
  for (const auto& relay : {"smtp+notls://office@" + other_.At(), "smtp+notls://office@" + named_.At(),
                            "smtps://office@" + named_.At(), "lmtp://office@" + other_.At(),
                            "smtp+notls://office@" + other_.At("localhost")})
    for (const char* options : {"", "InsecureAuth=yes\n"}) {
      const auto result = AskRelay(relay, options);
      EXPECT_TRUE(result.starts_with("4.3.5 ")) << relay << ": " << result;
    }
  const auto result = AskRelay("smtps://office@" + named_.At("localhost"), "InsecureAuth=yes\n");
  EXPECT_TRUE(result.starts_with("4.3.5 ")) << result;
  ExpectNoLogin("of the machine");
}

TEST_F(BrokenIntoRunnerAtTheRelay, ShowsNoCertificateElsewhere) {
  const Configuration configuration("[Relay]\nHost=smtp+notls://" + named_.At() +
                                    "\nTlsCertificate=office\n");
  const auto elsewhere = AskRelay("smtp+notls://" + other_.At(), "TlsCertificate=office\n");
  EXPECT_TRUE(elsewhere.starts_with("4.3.5 The configuration names no relay ")) << elsewhere;
  EXPECT_EQ(other_.Counter("connections"), 0U);
}

TEST_F(BrokenIntoRunnerAtTheRelay, ConnectsToNoSocketOfItsOwn) {
  for (const char* socket : {"lmtp:/run/dbus/system_bus_socket", "lmtp:/run/mailqueue/submit"}) {
    const auto result = AskRelay(socket, "");
    EXPECT_TRUE(result.starts_with("4.3.5 ")) << socket << ": " << result;
  }
}

TEST_F(BrokenIntoRunnerAtTheRelay, GetsNoPasswordOfAUser) {
  const Configuration off("[Relay]\nUserRelays=no\n");
  const auto refused = AskForRelays("bob");
  EXPECT_FALSE(refused.fd);
  EXPECT_FALSE(refused.answer.own_relays);
}

TEST_F(BrokenIntoRunnerAtTheRelay, CarriesWhatItCanNeitherReadNorUseOtherwise) {
  const Configuration configuration("[Relay]\nUserRelays=yes\n");
  (void)AskRelay("smtp+notls://" + named_.At(), "");  // so that the relay has made its key
  const auto reply = AskForRelays("bob");
  ASSERT_TRUE(reply.fd) << reply.FirstResult();
  const auto box = courier::ReadSealedFile(reply.fd);
  ASSERT_TRUE(box);
  EXPECT_EQ(box->find(kBobs), box->npos);
  const auto work = "smtp+notls://work@" + named_.At();
  for (const auto& [owner, relay] : {std::pair{std::string("bob"), "smtp+notls://work@" + other_.At()},
                                     {"alice", work},
                                     {"", work},
                                     {"bob", "smtps://work@" + named_.At()},
                                     {"bob", "lmtp:/run/dbus/system_bus_socket"}}) {
    const auto result = AskRelay(relay, "InsecureAuth=yes\n", owner, reply.fd);
    EXPECT_TRUE(result.starts_with("4.3.5 ")) << owner << " " << relay << ": " << result;
  }
  const auto changed = courier::MakeSealedFile(*box + "x");
  EXPECT_TRUE(AskRelay(work, "", "bob", changed).starts_with("4.3.5 "));
  EXPECT_TRUE(AskRelay(work, "", "bob").starts_with("4.3.5 "));
  ExpectNoLogin("of a user");
  const auto result = AskRelay(work, "", "bob", reply.fd);
  EXPECT_TRUE(result.starts_with("4.7.8 ")) << "the server knows another password: " << result;
}
