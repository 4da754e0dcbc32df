// SPDX-License-Identifier: BSD-2-Clause
#include "queue/notices.hxx"

#include "unit/queue/fake_environment.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>
#include <string>

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

namespace {

using queue::Reader;

const Reader kForRoot{};
const Reader kForAlice{.uid = 1000};
const Reader kForBob{.uid = 1001};
const Reader kForAll{.is_everybody = true};

}  // namespace

TEST(Notices, OfAUsersFileAreTheirs) {
  FakeLog log;
  queue::Notices notices(log);
  notices.Add("/home/alice/.forward:1: 'secret'", {1000, "alice"});
  notices.Add("/home/alice/.forward:2: 'more'", {1000, "alice"});
  EXPECT_THAT(notices.For(kForRoot), SizeIs(2));
  EXPECT_THAT(notices.For(kForAlice), ElementsAre(HasSubstr("'secret'"), HasSubstr("'more'")));
  for (const auto& reader : {kForBob, kForAll})
    EXPECT_THAT(notices.For(reader), ElementsAre("There is a mistake in a file of alice"));
}

TEST(Notices, OfRootsFileAreEverybodysIfTheFileIs) {
  const std::string secret = testing::TempDir() + "notices-secret";
  std::ofstream(secret).close();
  ::chmod(secret.c_str(), 0640);
  FakeLog log;
  queue::Notices notices(log);
  notices.Add("/etc/passwd:1: 'open'", {});
  notices.Add(secret + ":1: 'secret'", {});
  EXPECT_THAT(notices.For(kForRoot), ElementsAre(HasSubstr("'open'"), HasSubstr("'secret'")));
  EXPECT_THAT(notices.For(kForBob), ElementsAre(HasSubstr("'open'"), Not(HasSubstr("'secret'"))));
}

TEST(Notices, OfOneUserDriveOutNobodyElses) {
  FakeLog log;
  queue::Notices notices(log);
  notices.Add("/home/bob/.forward:1: x", {1001, "bob"});
  for (std::size_t i = 0; i < 2 * queue::Notices::kMax; ++i)
    notices.Add("/home/alice/.forward:" + std::to_string(i) + ": x", {1000, "alice"});
  EXPECT_THAT(notices.For(kForRoot), SizeIs(queue::Notices::kMaxOfUser + 1));
  EXPECT_THAT(notices.For(kForBob), testing::Contains("/home/bob/.forward:1: x"));
}
