// SPDX-License-Identifier: BSD-2-Clause
// A relay that was broken into: what it tells the runner harms no mail but what it was given, and nobody's
// terminal.
#include "base/error.hxx"
#include "base/text.hxx"
#include "base/user.hxx"
#include "fixture.hxx"
#include "mail/record.hxx"
#include "manager.hxx"
#include "paths.h"

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

using namespace machine;

namespace {

constexpr const char* kSocket = MAILQUEUE_RUNDIR "/relay";

// Stands where mailqueue-relay.socket is; the unit comes back behind it.
class BrokenRelay {
 public:
  BrokenRelay() {
    Manager().Stop({"mailqueue-relay.socket", "mailqueue-relay.service"});
    std::filesystem::remove(kSocket);
    listener_ = UniqueFd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "{}", kSocket);
    if (::bind(listener_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
        ::chown(kSocket, FindUser("mailqueue").value().uid, static_cast<gid_t>(-1)) < 0 ||
        ::listen(listener_.Get(), 5) < 0)
      ThrowErrno("Failed to listen on", kSocket);
  }
  ~BrokenRelay() {
    runner_.Close();
    listener_.Close();
    std::filesystem::remove(kSocket);
    Manager().Start({"mailqueue-relay.socket"});
  }
  BrokenRelay(const BrokenRelay&) = delete;
  BrokenRelay& operator=(const BrokenRelay&) = delete;

  // The serial of the next request.
  std::string Receive() {
    if (!runner_) runner_ = UniqueFd(::accept4(Readable(listener_), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<char, 200'000> packet;
    const auto size = ::recv(Readable(runner_), packet.data(), packet.size(), 0);  // no descriptor is taken
    const std::string text(packet.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    const auto at = text.find("serial: ");
    if (at == text.npos) throw std::runtime_error("Not a request: " + Quote(text));
    return text.substr(at + 8, text.find('\n', at) - at - 8);
  }

  // False once the runner has hung up.
  bool Tell(const std::string& packet) {
    return ::send(runner_.Get(), packet.data(), packet.size(), MSG_NOSIGNAL) >= 0;
  }

 private:
  static int Readable(FdRef socket) {
    pollfd ready{socket.Get(), POLLIN, 0};
    if (::poll(&ready, 1, Deadline(kSoon).Milliseconds()) <= 0)
      throw std::runtime_error("Nothing comes from the runner. " + DescribeQueue());
    return socket.Get();
  }

  UniqueFd listener_;
  UniqueFd runner_;
};

std::string Answer(const std::string& serial, const std::string& more) {
  return fmt::format("mailqueue-answer: 1\nserial: {}\n{}", serial, more);
}

}  // namespace

class BrokenRelayTest : public SystemTest {
 protected:
  static void ExpectLocalMailGoesOn() {
    const auto subject = MakeSubject();
    Send("bob", {"carol"}, MakeMessage(subject));
    (void)WaitForLetter("carol", subject);
    EXPECT_EQ(UnitProperty("mailqueue.service", "NRestarts"), "0");
  }

  static void ExpectClean(const std::string& text) {
    EXPECT_TRUE(std::ranges::none_of(text, [](char c) {
      return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    })) << Quote(text);
    EXPECT_EQ(text.find("\xc2\x9b"), text.npos) << Quote(text);
    EXPECT_LT(text.size(), 20'000U);
  }

  Receiver receiver;
  const Configuration configuration{RelayTo("smtp+notls://" + receiver.At())};
};

// Whatever it says: the mail is there for the relay that comes after it.
TEST_F(BrokenRelayTest, LosesNoMailByWhatNobodyAsked) {
  const std::string junk[] = {
      std::string("\0\0\0", 3),
      "x",
      std::string(100'000, 'x'),
      "mailqueue-answer: 1\n",
      "mailqueue-answer: 99\nserial: 1\n",
      Answer("18446744073709551615", "result: 0\noutcome: delivered\nstatus: 2.0.0\ntext: x\n"),
      Answer("-1", ""),
      Answer("1", "result: 4000000000\noutcome: delivered\nstatus: 2.0.0\ntext: x\n"),
      Answer("1", "forward: /etc/shadow\ndestination: |/bin/sh\n"),
      Answer("1", "own-relays: /x:1\nrelays: smtp://evil.example\n"),
      Answer("1", "report: smtp://x\nstatus: 2.0.0\n"),
      "mailqueue-request: 1\nserial: 1\n"};
  const auto subject = MakeSubject();
  {
    BrokenRelay relay;
    Send("alice", {"friend@remote.example"}, MakeMessage(subject));
    (void)relay.Receive();
    for (const auto& packet : junk)
      for (int i = 0; i < 5000 && relay.Tell(packet); ++i) continue;
    ExpectLocalMailGoesOn();
  }
  ASSERT_TRUE(FlushAll()) << DescribeQueue();
  EXPECT_EQ(receiver.WithSubject(subject).size(), 1U);
  EXPECT_EQ(MailboxText("alice"), "");
}

// A text for a person is a text when it arrives, and no longer than one.
TEST_F(BrokenRelayTest, WritesOnNobodysTerminal) {
  const std::string text =
      "\x1b]0;owned\x07\x1b[2J\r\nMAILQUEUE_ID=1\n--=_\n\xc2\x9b\xe2\x80\xae" + std::string(40'000, 'x');
  Journal journal;
  {
    BrokenRelay relay;
    Send("alice", {"friend@remote.example"}, MakeMessage(MakeSubject()));
    const auto serial = relay.Receive();
    mail::RecordWriter writer;
    writer.Add("mailqueue-answer", "1").Add("serial", serial);
    writer.Add("result", "0")
        .Add("outcome", "failed")
        .Add("status", "5.1.1")
        .Add("text", text)
        .Add("remote", text);
    (void)relay.Tell(writer.Text());
    ExpectLocalMailGoesOn();
    Send("alice", {"other@remote.example"}, MakeMessage(MakeSubject()));
    (void)relay.Receive();
    for (const auto& envelope : ReadQueue()) EXPECT_LT(envelope.ToText().size(), 10'000U);
    ExpectClean(Check({"mailqueuectl"}) + Check({"mailqueuectl", "status"}));
    if (WaitUntil([] { return !MailboxText("alice").empty(); })) ExpectClean(MailboxText("alice"));
  }
  for (const auto& record : journal.Rest()) ExpectClean(record);
  EXPECT_TRUE(FlushAll()) << DescribeQueue();
}
