// SPDX-License-Identifier: BSD-2-Clause
#include "local/letter.hxx"

#include "base/file.hxx"
#include "local/exit_status.hxx"
#include "local/message_file.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>

namespace {

using local::Letter;

const User kAlice{"alice", 1000, 1000, "/home/alice"};

struct LetterTest : testing::Test {
  mail::Envelope envelope;
  UniqueFd message{::memfd_create("message", MFD_CLOEXEC)};

  LetterTest() {
    envelope.sender = "bob@example.org";
    envelope.recipients.emplace_back().address = "alice@here.example";
    SetText("Subject: x\n\nbody\n");
  }
  void SetText(const std::string& text) {
    ASSERT_EQ(::ftruncate(message.Get(), 0), 0);
    ASSERT_EQ(::lseek(message.Get(), 0, SEEK_SET), 0);
    WriteAll(message, text);
    envelope.message_size = text.size();
  }
};

TEST_F(LetterTest, HasOneHeadWhereverItGoes) {
  const Letter letter{envelope, message, "here.example", false, "Delivered-To: list@here.example\n"};
  EXPECT_EQ(local::MakeHead(letter, kAlice),
            "Return-Path: <bob@example.org>\nX-Mailqueue-Id: " + envelope.id.ToString() +
                "\nX-Original-To: alice@here.example\n"
                "Delivered-To: alice@here.example\n"
                "Delivered-To: list@here.example\n");
}

TEST_F(LetterTest, LetsNoAddressForgeAField) {
  envelope.sender = "a\nX: y";
  envelope.recipients[0].address = "b\r\n\nbody";
  const auto head = local::MakeHead({envelope, message, "h\nX: z"}, kAlice);
  EXPECT_NE(head.find("Return-Path: <a_X: y>\n"), std::string::npos) << head;
  EXPECT_NE(head.find("X-Original-To: b___body\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Delivered-To: alice@h_X: z\n"), std::string::npos) << head;
}

TEST_F(LetterTest, QuotesAUserNameThatLooksLikeAnAddress) {
  EXPECT_EQ(local::DeliveredTo({"ann@ad.example.org", 0, 0, {}}, "h"), "\"ann@ad.example.org\"@h");
  EXPECT_EQ(local::DeliveredTo({"AD\\ann", 0, 0, {}}, "h"), "\"AD\\\\ann\"@h");
  EXPECT_EQ(local::DeliveredTo({"ann@ad.example.org", 0, 0, {}}, ""), "ann@ad.example.org");
}

TEST_F(LetterTest, IsCopiedForAProgramToRead) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{local::kMaxInMemory + 1}}) {
    SetText(std::string(size, 'x'));
    ASSERT_EQ(::lseek(message.Get(), 3, SEEK_SET), 3) << "the offset means nothing";
    const auto file = local::MakeMessageFile("A: b\n", {envelope, message, ""});
    EXPECT_EQ(::fcntl(file.Get(), F_GETFL) & O_ACCMODE, O_RDONLY) << size;
    EXPECT_TRUE(ReadAll(file, local::kMaxInMemory + 100) == "A: b\n" + std::string(size, 'x')) << size;
  }
}

TEST_F(LetterTest, IsNotCopiedInPart) {
  const auto copy = [this] { static_cast<void>(local::MakeMessageFile("", {envelope, message, ""})); };
  ++envelope.message_size;
  EXPECT_THROW(copy(), std::system_error);
  envelope.message_size -= 2;
  EXPECT_THROW(copy(), std::system_error);
}

TEST(ResultOfExitStatus, FollowsSysexits) {
  struct Case {
    int status;
    mail::Outcome outcome;
    const char* code;
  };
  using mail::Outcome;
  const Case kCases[] = {
      {0, Outcome::Delivered, "2.0.0"}, {1, Outcome::Failed, "5.3.0"},    {2, Outcome::Failed, "5.3.0"},
      {65, Outcome::Failed, "5.6.0"},   {67, Outcome::Failed, "5.1.1"},   {68, Outcome::Failed, "5.1.2"},
      {69, Outcome::Failed, "5.3.0"},   {71, Outcome::Failed, "5.3.0"},   {73, Outcome::Failed, "5.2.0"},
      {74, Outcome::Failed, "5.3.0"},   {75, Outcome::Deferred, "4.3.0"}, {76, Outcome::Failed, "5.5.0"},
      {77, Outcome::Failed, "5.7.1"},   {78, Outcome::Failed, "5.3.5"},   {79, Outcome::Failed, "5.3.0"},
      {127, Outcome::Failed, "5.3.0"},  {203, Outcome::Failed, "5.3.0"},  {255, Outcome::Failed, "5.3.0"},
  };
  for (const auto& expected : kCases) {
    const auto result = local::ResultOfExitStatus(expected.status, "command 'x'");
    EXPECT_EQ(result.outcome, expected.outcome) << expected.status;
    EXPECT_EQ(result.status, expected.code) << expected.status;
  }
  EXPECT_EQ(local::ResultOfExitStatus(67, "command 'x'").text, "command 'x' exited with status 67");
}

}  // namespace
