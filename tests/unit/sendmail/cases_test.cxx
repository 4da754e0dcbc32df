// SPDX-License-Identifier: BSD-2-Clause
// Every case of cases.txt against the program itself, built with a site of its own: what it leaves in a
// private drop/ is what the queue would get. Needs no privileges; the cases that do run against the installed
// package (tests/system).
#include "base/text.hxx"
#include "case.hxx"
#include "check.hxx"
#include "mail/envelope.hxx"
#include "private_drop.hxx"
#include "run.hxx"
#include "submit/envelope_maker.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace {

constexpr char kMailName[] = "host.example.org";

struct Person {
  std::string uid;
  std::string gecos;
};

const std::map<std::string, Person> kPeople = {{"alice", {"1000", "Alice Liddell,,,"}},
                                               {"carol", {"1002", "R. & D. (Ops) \"Q\""}},
                                               {"root", {"0", "root"}},
                                               {"nobody", {"65534", "nobody"}},
                                               {"ghost", {"4242", ""}}};

// What the runner would say to a relay.
Caught Catch(const PrivateDrop::Message& message) {
  Caught caught;
  caught.sender = submit::Qualify(message.envelope.sender, kMailName);
  caught.text = message.text;
  if (!message.envelope.body.empty()) caught.parameters.push_back("BODY=" + message.envelope.body);
  for (const auto& recipient : message.envelope.recipients) {
    caught.recipients.push_back(submit::Qualify(recipient.address, kMailName));
    if (!recipient.notify.empty()) caught.parameters.push_back("NOTIFY=" + recipient.notify);
  }
  return caught;
}

// Needs the queue, or another root directory or network.
bool NeedsInstallation(const Case& c) {
  static constexpr std::string_view kOfQueue[] = {"-bp", "-q30m", "-bi", "-I", "-bv"};
  const bool asks = c.program == "mailq" || std::ranges::any_of(c.arguments, [](const auto& argument) {
                      return std::ranges::count(kOfQueue, argument) > 0;
                    });
  return asks || c.Has("nnp") || c.Has("ro") || c.Has("netns");
}

class SendmailCases : public testing::TestWithParam<Case> {};

TEST_P(SendmailCases, HasTheExpectedOutcome) {
  const auto& c = GetParam();
  if (NeedsInstallation(c)) GTEST_SKIP() << "runs against the installed package only";
  const PrivateDrop drop;
  const auto& person = kPeople.at(c.user);
  const std::vector<std::string> environment = {"ASAN_OPTIONS=detect_leaks=0",  // takes half of a run's time
                                                std::string("TEST_DOMAIN=") + kMailName,
                                                "TEST_DROP=" + drop.Path(),
                                                "TEST_SOCKET=" + drop.Path() + "/none",
                                                "TEST_USER=" + c.user,
                                                "TEST_UID=" + person.uid,
                                                "TEST_GECOS=" + person.gecos};
  const auto run = RunCase(c, {TEST_SENDMAIL, environment, {}});
  std::vector<Caught> caught;
  for (const auto& message : drop.Messages()) caught.push_back(Catch(message));
  for (const auto& problem : CheckCase(c, run, caught))
    ADD_FAILURE() << c.id << " (" << c.title << "): " << problem;
}

INSTANTIATE_TEST_SUITE_P(File, SendmailCases, testing::ValuesIn(LoadCases(kMailName)),
                         [](const auto& param) { return param.param.id; });

}  // namespace
