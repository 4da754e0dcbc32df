// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mbox_search.hxx"

#include "mailbox_fixture.hxx"

namespace {

using deliver::EarlierCopy;
using Kind = EarlierCopy::Kind;

struct MboxSearchTest : MailboxTest {
  EarlierCopy Find(const std::string& mailbox) {
    const UniqueFd file(::memfd_create("mbox", MFD_CLOEXEC));
    WriteAll(file, mailbox);
    return deliver::FindEarlierCopy(file, mailbox.size(), deliver::MboxEntry(Letter(), user));
  }
};

const std::string kEarlier = "From x@y Tue Nov 14 22:13:20 2023\nSubject: other\n\n>From me\nbody\n\n";

TEST_F(MboxSearchTest, FindsAWholeCopyWhereverItIs) {
  const std::string entry = EntryText();
  const std::pair<std::string, std::size_t> kCases[] = {{entry, 0},
                                                        {kEarlier + entry, kEarlier.size()},
                                                        {kEarlier + entry + kEarlier, kEarlier.size()},
                                                        {entry + "junk", 0}};
  for (const auto& [mailbox, offset] : kCases) {
    const auto copy = Find(mailbox);
    EXPECT_EQ(copy.kind, Kind::Whole) << mailbox;
    EXPECT_EQ(copy.offset, offset) << mailbox;
  }
}

TEST_F(MboxSearchTest, FindsEveryBeginningOfFiveOctets) {
  const std::string entry = EntryText();
  for (const auto& before : {std::string(), kEarlier})
    for (std::size_t size = 0; size < entry.size(); ++size) {
      const auto copy = Find(before + entry.substr(0, size));
      EXPECT_EQ(copy.kind, size < 5 ? Kind::None : Kind::Partial) << size;
      EXPECT_EQ(copy.offset, size < 5 ? 0 : before.size()) << size;
    }
}

// A copy before it would count as cut short, and the mailbox would be cut there.
TEST_F(MboxSearchTest, TakesAReadThatEndsTooEarlyForAFault) {
  const UniqueFd file(::memfd_create("mbox", MFD_CLOEXEC));
  const auto there = kEarlier + EntryText().substr(0, 50);
  WriteAll(file, there);
  const deliver::MboxEntry entry(Letter(), user);
  EXPECT_THROW(static_cast<void>(deliver::FindEarlierCopy(file, there.size() + 1, entry)), std::system_error);
  EXPECT_EQ(deliver::FindEarlierCopy(file, there.size(), entry).kind, Kind::Partial);
}

TEST_F(MboxSearchTest, TakesNothingElseForACopy) {
  const std::string entry = EntryText();
  const std::string cut = entry.substr(0, entry.size() - 10);
  std::string other_id = entry;
  ++other_id[entry.find("Id: ") + 10];
  const std::string kMailboxes[] = {
      "",
      kEarlier,
      kEarlier + kEarlier,
      other_id,
      cut + "\n\n" + kEarlier,
      kEarlier + "x" + cut,
      "x\n" + cut,
      kEarlier.substr(0, kEarlier.size() - 1) + cut,
      cut + "X",
      entry.substr(0, 30) + "X",
  };
  for (const auto& mailbox : kMailboxes) EXPECT_EQ(Find(mailbox).kind, Kind::None) << mailbox;
}

TEST_F(MboxSearchTest, FindsCopiesAcrossBlocks) {
  SetMessage("Subject: long\n\n" + std::string(200'000, 'x') + "\nFrom y\n");
  const std::string entry = EntryText();
  for (const std::size_t shift : {65520u, 65530u, 65533u, 65534u, 65535u, 65536u, 65540u, 131070u}) {
    const std::string before = std::string(shift, 'a') + "\n\n";
    EXPECT_EQ(Find(before + entry).kind, Kind::Whole) << shift;
    EXPECT_EQ(Find(before + entry).offset, before.size()) << shift;
    EXPECT_EQ(Find(before + entry.substr(0, 150'000)).kind, Kind::Partial) << shift;
    EXPECT_EQ(Find(before + entry.substr(0, 6)).offset, before.size()) << shift;
  }
}

TEST_F(MboxSearchTest, LooksBackOnlySoFar) {
  const std::string far(deliver::kSearchBack + 10'000, 'a');
  EXPECT_EQ(Find(EntryText() + far).kind, Kind::None);
  EXPECT_EQ(Find(far + "\n\n" + EntryText()).kind, Kind::Whole);
}

}  // namespace
