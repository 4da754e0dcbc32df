// SPDX-License-Identifier: BSD-2-Clause
// A line that breaks after each octet of a session: nothing is lost, and nothing is sent twice but where the
// server has got the final dot and its reply did not come through.
#include "base/text.hxx"
#include "cutting_proxy.hxx"
#include "fixture.hxx"
#include "paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <tuple>

using namespace machine;
using Direction = CuttingProxy::Direction;

namespace {

struct Session {
  const char* name;
  std::vector<std::string> options;  ///< of the receiving server
  std::string rules;
  std::string scheme;
  std::size_t stride;  ///< a cut after each so many octets

  friend void PrintTo(const Session& session, std::ostream* out) { *out << session.name; }
};

const Session kSessions[] = {
    {"Pipelined", {}, "", "smtp+notls://", 1},
    {"Plain", {}, "HIDE PIPELINING\n", "smtp+notls://", 1},
    {"Lmtp", {"--lmtp"}, "HIDE PIPELINING\n", "lmtp://", 1},
    {"Tls", {"--tls=starttls"}, "", "smtp+tls://", 11},
};

// The last reply, and what TLS adds to it: so much, octets, may be on its way when the server has the
// message.
constexpr std::size_t kLastReply = 100;

std::string Mailbox(std::size_t host) {
  return "a@" + LoopbackHosts::Domain(host);
}

std::string Name(const testing::TestParamInfo<std::tuple<Session, Direction>>& info) {
  const auto& [session, direction] = info.param;
  return std::string(session.name) + (direction == Direction::FromServer ? "FromServer" : "FromClient");
}

// A queue in memory: what it costs to have it on a disk, which others test, would be most of the time.
class QuickQueue {
 public:
  QuickQueue() {
    Check({"systemctl", "stop", "mailqueue.service"});
    Check({"mount", "-t", "tmpfs", "-o", "mode=0700", "queue", kPath});
    Check({"chown", "--reference=" MAILQUEUE_SPOOLDIR "/drop", kPath});
  }
  ~QuickQueue() {
    (void)Execute({.words = {"systemctl", "stop", "mailqueue.service"}});
    (void)Execute({.words = {"umount", kPath}});
  }
  QuickQueue(const QuickQueue&) = delete;
  QuickQueue& operator=(const QuickQueue&) = delete;

 private:
  static constexpr const char* kPath = MAILQUEUE_SPOOLDIR "/queue";
};

}  // namespace

class Cut : public SystemTest, public testing::WithParamInterface<std::tuple<Session, Direction>> {
 protected:
  static constexpr const char* kMap = "/etc/mailqueue/cut-test";
  static constexpr const char* kKey = "/tmp/cut-test.key";
  static constexpr const char* kCertificate = "/tmp/cut-test.crt";

  static void SetUpTestSuite() {
    queue = std::make_unique<QuickQueue>();
    Check({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-subj", "/CN=cut.example", "-keyout", kKey, "-out", kCertificate});
    pin = Check(
        {"sh", "-c",
         fmt::format("openssl pkey -in {} -pubout -outform DER | openssl sha256 -binary | base64", kKey)});
  }
  static void TearDownTestSuite() { queue.reset(); }

  [[nodiscard]] static std::vector<std::string> Options() {
    auto options = session().options;
    options.insert(options.end(), {std::string("--cert=") + kCertificate, std::string("--key=") + kKey});
    return options;
  }
  [[nodiscard]] std::string Map(std::size_t hosts) const {
    std::string map;
    for (std::size_t host = 0; host < hosts; ++host)
      map += LoopbackHosts::Domain(host) + ": " + proxy.Url(host, session().scheme) + "\n";
    return map;
  }
  static void SendTo(std::size_t hosts) {
    std::vector<std::string> recipients;
    for (std::size_t host = 0; host < hosts; ++host) recipients.push_back(Mailbox(host));
    Send("alice", recipients, MakeMessage(MakeSubject(), "A line.\n.\n"));
  }
  // How many octets a session has in the direction of the cut when the message has been taken.
  void Measure() {
    const SetupFile map(kMap, Map(1));
    SendTo(1);
    ASSERT_TRUE(receiver.WaitForCount(1)) << DescribeQueue();
    ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
    total = proxy.Octets();
    ASSERT_GT(total, 100U);
  }
  [[nodiscard]] std::map<std::string, std::size_t> Copies() const {
    std::map<std::string, std::size_t> copies;
    for (const auto& received : receiver.All())
      for (const auto& recipient : received.recipients)
        ++copies[recipient.substr(1, recipient.find('>') - 1)];
    return copies;
  }
  // @param octets of the cut. @param tried after the first attempt. @param copies in the end
  void ExpectRight(std::size_t octets, const mail::Recipient& tried, std::size_t copies) const {
    const auto where =
        fmt::format("cut after {} of {} octets: {}", octets, total, tried.result ? tried.result->text : "");
    const bool is_early = octets + kLastReply < total;
    const bool is_late = octets > total + kLastReply;
    EXPECT_GE(copies, 1U) << "lost, " << where;
    EXPECT_LE(copies, is_early || tried.IsSettled() ? 1U : 2U) << "sent twice, " << where;
    EXPECT_TRUE(!is_early || !tried.IsSettled()) << where;
    EXPECT_TRUE(!is_late || tried.IsSettled()) << where;
  }
  static const Session& session() { return std::get<Session>(GetParam()); }
  static Direction direction() { return std::get<Direction>(GetParam()); }

  static inline std::unique_ptr<QuickQueue> queue;
  static inline std::string pin;  // of the server's key; a line

  Receiver receiver{Options()};
  CuttingProxy proxy{receiver.Port(), {direction(), session().stride}};
  const Configuration configuration{"[Relay]\nIdleTimeout=1s\nTlsPins=sha256//" + pin + "Map=file:" + kMap +
                                    "\n"};
  std::size_t total = 0;
};

INSTANTIATE_TEST_SUITE_P(Each, Cut,
                         testing::Combine(testing::ValuesIn(kSessions),
                                          testing::Values(Direction::FromServer, Direction::FromClient)),
                         Name);

TEST_P(Cut, LosesNothingAndSendsNothingTwice) {
  receiver.SetRules(session().rules);
  ASSERT_NO_FATAL_FAILURE(Measure());
  const auto hosts = (total + kLastReply) / session().stride + 2;
  const SetupFile map(kMap, Map(hosts));
  proxy.Break(true);
  SendTo(hosts);
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  proxy.Break(false);
  const auto tried = ReadQueue().at(0);
  ASSERT_EQ(tried.recipients.size(), hosts);
  ASSERT_TRUE(FlushAll()) << DescribeQueue();

  auto copies = Copies();
  std::size_t doubled = 0;
  for (std::size_t host = 1; host < hosts; ++host) {  // the first one was measured with
    ExpectRight(host * session().stride, tried.recipients[host], copies[Mailbox(host)]);
    doubled += copies[Mailbox(host)] > 1 ? 1 : 0;
  }
  const bool is_within_last_reply = session().stride == 1 && direction() == Direction::FromServer;
  EXPECT_TRUE(doubled > 0 || !is_within_last_reply) << "no reply to the final dot was cut";
  EXPECT_EQ(MailboxText("alice"), "");
  EXPECT_EQ(receiver.Counter("violations"), 0U);
}
