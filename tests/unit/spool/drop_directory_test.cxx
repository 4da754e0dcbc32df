// SPDX-License-Identifier: BSD-2-Clause
#include "spool/drop_directory.hxx"

#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

namespace {

struct DropDirectoryTest : testing::Test {
  SpoolDirectory directory;
  spool::DropDirectory drops{directory.Open("drop"), directory.Open("corrupt")};
  mail::Envelope envelope = MakeTestEnvelope(1);
  std::string name = envelope.id.ToString();

  [[nodiscard]] spool::Refusal Refused() const {
    auto result = drops.Open(name);
    const auto* refusal = std::get_if<spool::Refusal>(&result);
    return refusal ? *refusal : spool::Refusal{false, "taken"};
  }
};

TEST_F(DropDirectoryTest, TakesACompleteDropAndBelievesOnlyWhatASenderMaySay) {
  envelope.attempts = 7;
  envelope.submitter = 12345;
  envelope.created = mail::FromMicroseconds(1);
  envelope.recipients[0].result = mail::Failed("5.0.0", "claimed");
  directory.Write("drop/" + name, MakeDropText(envelope, "text\n"));
  auto result = drops.Open(name);
  const auto& drop = std::get<spool::Drop>(result);
  EXPECT_EQ(drop.envelope.submitter, ::getuid());
  EXPECT_EQ(drop.envelope.attempts, 0u);
  EXPECT_GT(drop.envelope.created, mail::FromMicroseconds(1));
  EXPECT_FALSE(drop.envelope.recipients.at(0).result);
  EXPECT_EQ(drop.envelope.message_size, 5u);
  EXPECT_EQ(drop.message_offset, spool::kDropHeadSize + envelope.ToText().size());
}

TEST_F(DropDirectoryTest, CallsTornWhatIsNotComplete) {
  const std::string whole = MakeDropText(envelope, "some text\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    directory.Write("drop/" + name, whole.substr(0, size));
    EXPECT_TRUE(Refused().torn) << "cut after " << size << " octets";
  }
  directory.Write("drop/" + name, whole + "x");
  EXPECT_TRUE(Refused().torn) << "longer than its head says";
  directory.Write("drop/" + name, spool::UnfinishedHead() + whole.substr(spool::kDropHeadSize));
  EXPECT_TRUE(Refused().torn) << "unfinished head";
}

TEST_F(DropDirectoryTest, RefusesEnvelopesThatHoldNonsense) {
  const auto refuses = [&](const char* what, const mail::Envelope& bad) {
    directory.Write("drop/" + name, MakeDropText(bad, "text\n"));
    const auto refusal = Refused();
    EXPECT_FALSE(refusal.torn) << what;
    EXPECT_NE(refusal.why, "taken") << what;
  };
  auto bad = envelope;
  bad.sender = "a\nb";
  refuses("newline in the sender", bad);
  bad = envelope;
  bad.recipients[0].address = "a b";
  refuses("space in a recipient", bad);
  bad = envelope;
  bad.envid = std::string(5000, 'x');
  refuses("endless ENVID", bad);
  refuses("another message's ID", MakeTestEnvelope(2));
}

TEST_F(DropDirectoryTest, NeverWaitsForAndNeverFollowsWhatIsNoFile) {
  const std::string path = directory.Path("drop/" + name).string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0644), 0);
  EXPECT_EQ(Refused().why, "it is not a regular file");
  EXPECT_EQ(drops.SetAside(name), "corrupt/" + name + ".0");

  directory.Write("secret", MakeDropText(envelope, "text\n"));
  ASSERT_EQ(::symlink("../secret", path.c_str()), 0);
  EXPECT_NE(Refused().why, "taken");
  EXPECT_EQ(drops.SetAside(name), "corrupt/" + name + ".1");

  ASSERT_EQ(::mkdir(path.c_str(), 0755), 0);
  EXPECT_EQ(Refused().why, "it is not a regular file");
  drops.SetAside(name);
  EXPECT_FALSE(directory.Has("drop/" + name));
}

TEST_F(DropDirectoryTest, ListsWhatThePathUnitCounts) {
  for (const char* file : {".hidden", "backup~", "x.bak", "y.dpkg-new", "plain"})
    directory.Write(std::string("drop/") + file, "");
  EXPECT_EQ(drops.List(), std::vector<std::string>{"plain"});
}

}  // namespace
