// SPDX-License-Identifier: BSD-2-Clause
// While one user does all that makes others wait, these have their mail. OTHERS in the environment says how
// many messages are measured (tools/bench others).
#include "base/text.hxx"
#include "fixture.hxx"
#include "silent_name_server.hxx"
#include "tricks.hxx"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

using namespace machine;

namespace {

using Seconds = std::chrono::duration<double>;

// Generous: it is a test of fairness, and not of speed.
constexpr std::chrono::seconds kLongest{30};

std::size_t MessagesOfEach() {
  const char* const wanted = std::getenv("OTHERS");
  return wanted ? ParseNumber<std::size_t>(wanted).value() : 3;
}

// Only mailboxes are looked at: the spool changes all the time.
bool Await(const std::function<bool()>& done, const std::string& folder) {
  Watch watch({folder});
  const Deadline deadline(kLongest);
  while (!done())
    if (!watch.Wait(deadline)) return done();
  return true;
}

}  // namespace

class Others : public SystemTest {
 protected:
  // From the call of sendmail until it is there.
  double Measure(const std::string& recipient) {
    const auto subject = MakeSubject();
    const auto begin = std::chrono::steady_clock::now();
    Send("bob", {recipient}, MakeMessage(subject));
    const bool relayed = recipient.find('@') != recipient.npos;
    const auto there = [&] {
      return relayed ? !receiver.WithSubject(subject).empty() : !FindLetters(recipient, subject).empty();
    };
    EXPECT_TRUE(Await(there, relayed ? receiver.Messages() : "/var/mail")) << recipient;
    return Seconds(std::chrono::steady_clock::now() - begin).count();
  }

  void MeasureAll(const char* title) {
    for (const char* recipient : {"carol", "friend@remote.example"}) {
      std::vector<double> delays;
      for (std::size_t i = 0; i < MessagesOfEach() && !HasFailure(); ++i)
        delays.push_back(Measure(recipient));
      if (HasFailure()) return;
      std::ranges::sort(delays);
      fmt::print("others-{}-{}\t{:.2f}\t{:.2f}\n", title,
                 recipient == std::string("carol") ? "local" : "relay", delays[delays.size() / 2],
                 delays.back());
    }
  }

  const SilentNameServer name_server;
  Receiver receiver;
  const Configuration configuration{"[Relay.friend]\nRecipients=@remote.example\nHost=smtp+notls://" +
                                    receiver.At() + "\n[Queue]\nRetryMin=1s\n"};
};

TEST_F(Others, HaveTheirMailWhileTheProcessorsAreBusy) {
  const auto tricks = Tricks::Busy("alice");
  MeasureAll("busy");
}

TEST_F(Others, HaveTheirMailWhileOneUserPlaysAllTricks) {
  const auto tricks = Tricks::All("alice");
  MeasureAll("tricks");
}
