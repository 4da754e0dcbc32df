// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mbox_entry.hxx"

#include "mailbox_fixture.hxx"

namespace {

using MboxEntryTest = MailboxTest;

TEST_F(MboxEntryTest, IsSeparatorFieldsMessageAndAnEmptyLine) {
  EXPECT_EQ(EntryText(),
            "From bob@example.org Tue Nov 14 22:13:20 2023\n"
            "Return-Path: <bob@example.org>\n"
            "X-Mailqueue-Id: " +
                envelope.id.ToString() +
                "\n"
                "X-Original-To: alice@here.example\n"
                "Delivered-To: alice@here.example\n"
                "Subject: x\n\nbody\n\n");
}

TEST_F(MboxEntryTest, NamesTheNullSender) {
  envelope.sender.clear();
  EXPECT_TRUE(EntryText().starts_with("From MAILER-DAEMON Tue Nov 14 22:13:20 2023\nReturn-Path: <>\n"));
}

TEST_F(MboxEntryTest, NamesEveryRecipient) {
  envelope.recipients.emplace_back().address = "postmaster";
  EXPECT_NE(EntryText().find(
                "\nX-Original-To: alice@here.example\nX-Original-To: postmaster\nDelivered-To: alice@"),
            std::string::npos);
}

TEST_F(MboxEntryTest, LetsNoAddressForgeALine) {
  envelope.sender = "a\nFrom b";
  envelope.recipients[0].address = "x\r\nSubject: forged\x7f";
  const auto text = EntryText();
  EXPECT_TRUE(text.starts_with("From a_From_b Tue")) << text;
  EXPECT_NE(text.find("\nReturn-Path: <a_From b>\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nX-Original-To: x__Subject: forged_\n"), std::string::npos) << text;
}

TEST_F(MboxEntryTest, EndsInAnEmptyLineWhateverTheMessageEndsIn) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "\n"}, {"a", "a\n\n"}, {"a\n", "a\n\n"}, {"a\n\n", "a\n\n\n"}, {"From", "From\n\n"}};
  for (const auto& [in, out] : kCases) {
    SetMessage(in);
    EXPECT_EQ(EntryText(), deliver::MboxEntry(Letter(), user).Head() + out);
  }
}

TEST_F(MboxEntryTest, ReadsLongMessagesInBlocks) {
  std::string in;
  std::string out;
  for (int i = 0; i < 40000; ++i) {
    const std::string line = "From line " + std::to_string(i) + "\n";
    in += line;
    out += ">" + line;
  }
  SetMessage(in);
  EXPECT_EQ(EntryText(), deliver::MboxEntry(Letter(), user).Head() + out + "\n");
  EXPECT_GE(deliver::MboxEntry(Letter(), user).MaxSize(), EntryText().size());
}

TEST_F(MboxEntryTest, ThrowsWhereTheMessageHasAnotherLength) {
  StringSink sink;
  for (const int difference : {-1, 1}) {
    SetMessage("body\n");
    envelope.message_size = static_cast<std::uint64_t>(5 + difference);
    EXPECT_THROW(static_cast<void>(deliver::MboxEntry(Letter(), user).WriteTo(sink)), std::system_error)
        << difference;
  }
}

}  // namespace
