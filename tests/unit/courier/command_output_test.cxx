// SPDX-License-Identifier: BSD-2-Clause
#include "courier/command_output.hxx"

#include "base/file.hxx"

#include <gtest/gtest.h>

#include <thread>

namespace {

using courier::CommandOutput;

struct CommandOutputTest : testing::Test {
  std::pair<UniqueFd, UniqueFd> pair = courier::MakePair();
  CommandOutput output;
  courier::Packet packet;

  CommandOutputTest() {
    EXPECT_EQ(output.SendTo(pair.first), courier::SendStatus::Sent);
    EXPECT_EQ(courier::Receive(pair.second, packet), courier::ReceiveStatus::Received);
  }
  void Print(std::string_view text) {
    WriteAll(packet.fd, text);
    EXPECT_TRUE(output.Drain());
  }
  [[nodiscard]] std::string TextOf(mail::DeliveryResult result) const {
    output.AddTo(result);
    return result.text;
  }
};

TEST_F(CommandOutputTest, SendsTheWritingEnd) {
  EXPECT_TRUE(courier::IsCommandOutput(packet));
  EXPECT_TRUE(packet.fd);
  EXPECT_FALSE(courier::IsCommandOutput({"mailqueue-request: 1\n", {}}));
}

TEST_F(CommandOutputTest, PutsTheFirstLineBehindAFailure) {
  Print("no ");
  Print("such thing\nand ");
  Print("more\n");
  EXPECT_EQ(TextOf(mail::Failed("5.3.0", "failed")), "failed: no such thing");
  EXPECT_EQ(TextOf(mail::Delivered("2.0.0", "delivered")), "delivered");
}

TEST_F(CommandOutputTest, AddsNothingWhereNothingIsPrinted) {
  Print("\n \n");
  EXPECT_EQ(TextOf(mail::Failed("5.3.0", "failed")), "failed");
}

TEST_F(CommandOutputTest, CleansTheLine) {
  Print("\n\n  a\tb\x1b[1m \xff \xc3\xa9\r\n");
  EXPECT_EQ(TextOf(mail::Failed("5.3.0", "failed")), "failed: a b [1m \xef\xbf\xbd \xc3\xa9");
}

TEST_F(CommandOutputTest, CutsALongLine) {
  for (int i = 0; i < 3; ++i) Print(std::string(150, 'x'));
  EXPECT_EQ(TextOf(mail::Failed("5.3.0", "failed")), "failed: " + std::string(CommandOutput::kMaxLine, 'x'));
}

TEST_F(CommandOutputTest, LetsACommandPrintMoreThanAPipeHolds) {
  std::thread command([this] {
    WriteAll(packet.fd, "first\n" + std::string(4'000'000, 'x'));
    packet.fd.Close();
  });
  while (output.Drain()) continue;
  command.join();
  EXPECT_EQ(TextOf(mail::Deferred("4.3.0", "failed")), "failed: first");
}

TEST_F(CommandOutputTest, EndsWithTheLastWriter) {
  EXPECT_TRUE(output.Drain());
  packet.fd.Close();
  EXPECT_FALSE(output.Drain());
}

}  // namespace
