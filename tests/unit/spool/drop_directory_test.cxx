// SPDX-License-Identifier: BSD-2-Clause
#include "spool/drop_directory.hxx"

#include "mail/address.hxx"
#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

struct DropDirectoryTest : testing::Test {
  SpoolDirectory directory;
  spool::DropDirectory drops{directory.Open(".")};
  mail::Envelope envelope = MakeTestEnvelope(1);
  std::string name = envelope.id.ToString();

  [[nodiscard]] spool::Refusal Refused() const {
    auto result = drops.Open(name, kTestTime);
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
  auto result = drops.Open(name, kTestTime);
  const auto& drop = std::get<spool::Drop>(result);
  EXPECT_EQ(drop.envelope.submitter, ::getuid());
  EXPECT_EQ(drop.envelope.attempts, 0u);
  EXPECT_EQ(drop.envelope.created, kTestTime);
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
  bad.recipients[0].address = "a\tb";
  refuses("control character in a recipient", bad);
  bad.recipients[0].address = std::string(mail::Address::kMaxLength + 1, 'a');
  refuses("endless recipient", bad);
  bad = envelope;
  bad.envid = std::string(5000, 'x');
  refuses("endless ENVID", bad);
  for (const char c : {'\1', '\n', '\x7f'}) {
    bad = envelope;
    bad.envid = std::string("x") + c;
    refuses("control character in ENVID", bad);
    bad = envelope;
    bad.recipients[0].original = std::string("rfc822;x") + c;
    refuses("control character in ORCPT", bad);
  }
  bad = envelope;
  bad.recipients.assign(mail::Envelope::kMaxRecipients + 1, bad.recipients[0]);
  refuses("too many recipients", bad);
  refuses("another message's ID", MakeTestEnvelope(2));
}

TEST_F(DropDirectoryTest, NeverWaitsForAndNeverFollowsWhatIsNoFile) {
  const std::string path = directory.Path("drop/" + name).string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0644), 0);
  EXPECT_EQ(Refused().why, "it is not a regular file");
  EXPECT_TRUE(drops.SetAside(name, kTestTime).starts_with("corrupt/"));

  directory.Write("secret", MakeDropText(envelope, "text\n"));
  ASSERT_EQ(::symlink("../secret", path.c_str()), 0);
  EXPECT_NE(Refused().why, "taken");
  EXPECT_TRUE(drops.SetAside(name, kTestTime).starts_with("corrupt/"));
  EXPECT_EQ(directory.Count("corrupt"), 2U);

  ASSERT_EQ(::mkdir(path.c_str(), 0755), 0);
  EXPECT_EQ(Refused().why, "it is not a regular file");
  drops.SetAside(name, kTestTime);
  EXPECT_FALSE(directory.Has("drop/" + name));
}

TEST_F(DropDirectoryTest, CountsWhatThePathUnitCounts) {
  for (const char* hidden : {".hidden", "backup~", "x.bak", "y.dpkg-new", "lost+found"})
    EXPECT_FALSE(spool::DropDirectory::Counts(hidden)) << hidden;
  EXPECT_TRUE(spool::DropDirectory::Counts("plain"));
}

// A file of somebody's that others may write, linked or moved here by those, is not that somebody's word.
TEST_F(DropDirectoryTest, TakesOnlyWhatItsOwnerMadeThere) {
  const std::string path = directory.Path("drop/" + name).string();
  directory.Write("drop/" + name, MakeDropText(envelope, "text\n"));
  for (const mode_t mode : {0660U, 0646U, 0666U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(Refused().why, "others than its owner may write it") << std::oct << mode;
  }
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  ASSERT_EQ(::link(path.c_str(), directory.Path("other").c_str()), 0);
  EXPECT_EQ(Refused().why, "it has other names as well");
  ASSERT_EQ(::unlink(directory.Path("other").c_str()), 0);
  EXPECT_EQ(Refused().why, "taken");
  if (::geteuid() != 0) GTEST_SKIP() << "giving files away takes root";
  ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  EXPECT_EQ(Refused().why, "it was not made in this directory");
}

TEST_F(DropDirectoryTest, SetsAsideALimitedNumber) {
  constexpr auto kMost = spool::DropDirectory::kMaxKeptOfOwner;
  for (std::size_t i = 0; i < kMost + 10; ++i) {
    const std::string bad = i == 1 ? std::string(255, 'x') : "bad";
    directory.Write("drop/" + bad, "");
    EXPECT_EQ(drops.SetAside(bad, kTestTime).starts_with("(removed"), i >= kMost) << i;
    EXPECT_FALSE(directory.Has("drop/" + bad));
  }
  EXPECT_EQ(directory.Count("corrupt"), kMost);
}

// Nobody fills the disk with what is kept for a look.
TEST_F(DropDirectoryTest, SetsAsideALimitedSize) {
  for (const bool is_more : {false, true}) {
    const UniqueFd file(::open(directory.Path("drop/bad").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
    ASSERT_EQ(::posix_fallocate(file.Get(), 0, 40 << 20), 0);
    EXPECT_EQ(drops.SetAside("bad", kTestTime).starts_with("(removed"), is_more);
  }
  EXPECT_EQ(directory.Count("corrupt"), 1U);
}

TEST_F(DropDirectoryTest, SetsAsideALimitedNumberOfAllOwners) {
  if (::geteuid() != 0) GTEST_SKIP() << "giving files away takes root";
  constexpr uid_t kFirst = 10000;
  for (std::size_t i = 0; i < spool::DropDirectory::kMaxKept; ++i) {
    const auto kept = directory.Path("corrupt/" + std::to_string(i));
    directory.Write("corrupt/" + std::to_string(i), "");
    ASSERT_EQ(::chown(kept.c_str(), kFirst + static_cast<uid_t>(i), 0), 0);
  }
  for (const uid_t owner : {uid_t{1000}, uid_t{0}}) {
    directory.Write("drop/bad", "");
    ASSERT_EQ(::chown(directory.Path("drop/bad").c_str(), owner, 0), 0);
    EXPECT_EQ(drops.SetAside("bad", kTestTime).starts_with("(removed"), owner != 0);
  }
}

TEST_F(DropDirectoryTest, MakesCorruptWhereItIsMissingAndElseHides) {
  std::filesystem::remove(directory.Path("corrupt"));
  directory.Write("drop/bad", "");
  EXPECT_TRUE(drops.SetAside("bad", kTestTime).starts_with("corrupt/"));
  std::filesystem::remove_all(directory.Path("corrupt"));
  directory.Write("corrupt", "a file");
  directory.Write("drop/bad", "");
  EXPECT_TRUE(drops.SetAside("bad", kTestTime).starts_with("drop/."));
  EXPECT_EQ(directory.Read("corrupt"), "a file");
}

TEST_F(DropDirectoryTest, KnowsHoles) {
  const auto is_hollow = [&](std::uint64_t data, std::uint64_t hole) {
    directory.Write("drop/" + name, "");
    const auto text = envelope.ToText();
    std::ofstream file(directory.Path("drop/" + name));
    file << spool::DropHead{text.size(), data + hole}.ToText() << text << std::string(data, 'x');
    file.close();
    std::filesystem::resize_file(directory.Path("drop/" + name),
                                 spool::kDropHeadSize + text.size() + data + hole);
    return drops.IsHollow(std::get<spool::Drop>(drops.Open(name, kTestTime)));
  };
  EXPECT_TRUE(is_hollow(0, 2U << 30));
  EXPECT_TRUE(is_hollow(100, 1U << 20));
  EXPECT_FALSE(is_hollow(1U << 20, 0));
  EXPECT_FALSE(is_hollow(100, 8192)) << "saves nothing";
}

TEST_F(DropDirectoryTest, DoesNotReadLargeEnvelopes) {
  directory.Write("drop/" + name, spool::DropHead{mail::Envelope::kMaxSubmittedSize + 1, 0}.ToText());
  EXPECT_EQ(Refused().why, "its envelope is too large");
  directory.Write("drop/" + name, spool::DropHead{1, UINT64_MAX - 64}.ToText());
  EXPECT_TRUE(Refused().torn) << "sizes that add up to that of the file, beyond the last number";
}

}  // namespace
