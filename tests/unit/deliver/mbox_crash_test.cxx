// SPDX-License-Identifier: BSD-2-Clause
//
// A delivery that was cut short anywhere is repaired by the next attempt: the message is there once, and what
// was there before is untouched.

#include "../killed_at.hxx"
#include "mailbox_fixture.hxx"

namespace {

using MboxCrashTest = MailboxTest;
using mail::Outcome;

TEST_F(MboxCrashTest, RepairsACopyCutAnywhere) {
  SetMessage("Subject: x\n\nFrom a\n\nFrom b\n");
  const std::string entry = EntryText();
  for (const auto& before : {std::string(), kOther})
    for (std::size_t size = 0; size <= entry.size(); ++size) {
      Write(before + entry.substr(0, size));
      EXPECT_EQ(Deliver(true).outcome, Outcome::Delivered);
      // One to four octets of "From " could be anybody's, so they stay.
      const bool kept = size > 0 && size < 5;
      EXPECT_EQ(Read(), before + (kept ? entry.substr(0, size) + "\n\n" : "") + entry) << size;
    }
}

TEST_F(MboxCrashTest, DeliversASecondCopyOnlyWhereItIsNotAskedToLook) {
  EXPECT_EQ(Deliver().outcome, Outcome::Delivered);
  EXPECT_EQ(Deliver(true).outcome, Outcome::Delivered);
  EXPECT_EQ(Read(), EntryText());
  EXPECT_EQ(Deliver().outcome, Outcome::Delivered);
  EXPECT_EQ(Read(), EntryText() + EntryText());
}

TEST_F(MboxCrashTest, RepairsADeliveryKilledAtAnySystemCall) {
  SetMessage("Subject: x\n\n" + std::string(150'000, 'x') + "\nFrom y\n");
  const std::string entry = EntryText();
  for (const auto& before : {std::string(), kOther + "open"}) {
    const auto places = ForEachPlaceToDie([&](unsigned stop) {
      if (before.empty())
        std::filesystem::remove(directory / "mbox");
      else
        Write(before);
      const bool ended = EndsBeforeKilledAt(stop, [this] { static_cast<void>(Deliver()); });
      const auto result = Deliver(true);
      EXPECT_EQ(result.outcome, Outcome::Delivered) << "killed at " << stop << ": " << result.text;
      EXPECT_TRUE(Read() == before + (before.ends_with("open") ? "\n\n" : "") + entry)
          << "killed at " << stop;
      EXPECT_FALSE(Has("mbox.lock")) << "killed at " << stop;
      return ended;
    });
    EXPECT_GT(places, 20u);
  }
}

}  // namespace
