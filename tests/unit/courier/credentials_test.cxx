// SPDX-License-Identifier: BSD-2-Clause
#include "courier/credentials.hxx"

#include "../base/temporary_directory.hxx"
#include "base/file.hxx"
#include "courier/packet.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

namespace {

using courier::Choice;
using courier::ChoiceWriter;
using courier::FindCredential;
using courier::MakeSealedFile;
using courier::ReadSealedFile;

const Choice kChoice{"alice", 12, "smtps://work@a.example smtp://b.example",
                     "Helo=x.example\nInsecureAuth=yes\n"};

std::string SomeText() {
  ChoiceWriter writer(kChoice);
  EXPECT_TRUE(writer.Add("work", "alice@work.example:pa:ss word"));
  EXPECT_TRUE(writer.Add("wor", "alice:other"));
  return std::string(writer.Text());
}

TEST(Choice, IsReadAsItWasWritten) {
  for (const auto& text : {SomeText(), std::string(ChoiceWriter(kChoice).Text())}) {
    const auto choice = courier::ParseChoice(text);
    ASSERT_TRUE(choice) << text;
    EXPECT_EQ(choice->owner, kChoice.owner);
    EXPECT_EQ(choice->made, kChoice.made);
    EXPECT_EQ(choice->relays, kChoice.relays);
    EXPECT_EQ(choice->options, kChoice.options);
  }
  const auto text = SomeText();
  for (std::size_t size = 0; size < text.find("with: "); ++size)
    EXPECT_FALSE(courier::ParseChoice(text.substr(0, size))) << size;
  EXPECT_FALSE(courier::ParseChoice("more: x\n" + text));
}

TEST(Credentials, AreFoundByLabel) {
  const auto text = SomeText();
  EXPECT_EQ(FindCredential(text, "work"), "alice@work.example:pa:ss word");
  EXPECT_EQ(FindCredential(text, "wor"), "alice:other");
  for (const auto* label : {"", "w", "works", "alice", "owner", "with"})
    EXPECT_FALSE(FindCredential(text, label)) << label;
  EXPECT_FALSE(FindCredential("work:alice:secret\n", "work")) << "nothing but a choice has any";
}

TEST(SealedFile, CanNotBeChanged) {
  const auto file = MakeSealedFile("content");
  EXPECT_EQ(ReadSealedFile(file), "content");
  EXPECT_LT(::pwrite(file.Get(), "x", 1, 0), 0);
  EXPECT_LT(::ftruncate(file.Get(), 0), 0);
  EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.Get(), 0), MAP_FAILED);
}

TEST(SealedFile, TravelsBehindAMessage) {
  auto [here, there] = courier::MakePair();
  const UniqueFd message(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(courier::Send(here, "request", message, MakeSealedFile("one")), courier::SendStatus::Sent);
  courier::Packet packet;
  ASSERT_EQ(courier::Receive(there, packet), courier::ReceiveStatus::Received);
  EXPECT_TRUE(packet.fd);
  EXPECT_EQ(ReadSealedFile(packet.second_fd), "one");
  ASSERT_EQ(courier::Send(here, "answer", MakeSealedFile("two")), courier::SendStatus::Sent);
  ASSERT_EQ(courier::Receive(there, packet), courier::ReceiveStatus::Received);
  EXPECT_EQ(ReadSealedFile(packet.fd), "two");
  EXPECT_FALSE(packet.second_fd);
}

TEST(SealedFile, IsNothingElse) {
  const TemporaryDirectory directory;
  const UniqueFd at = OpenDirectory(directory.Path());
  ReplaceFile({at, "file"}, "content", 0600);
  const UniqueFd file = OpenBeneath({at, "file"}, O_RDONLY);
  EXPECT_FALSE(ReadSealedFile(file));
  const UniqueFd open(::memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  WriteAll(open, "content");
  EXPECT_FALSE(ReadSealedFile(open));
  EXPECT_FALSE(ReadSealedFile(FdRef(-1)));
  EXPECT_FALSE(ReadSealedFile(MakeSealedFile(std::string(courier::kMaxSealedFile + 1, 'x'))));
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  EXPECT_FALSE(ReadSealedFile(reader));  // and waits for nobody to write there
}

TEST(ChoiceWriter, TakesNothingElse) {
  ChoiceWriter writer(kChoice);
  const auto empty = std::string(writer.Text());
  const std::string longest = "a:" + std::string(courier::kMaxCredential - 2, 'x');
  for (const auto& text :
       {std::string(), std::string("alice"), std::string(":secret"), std::string("a:b\nc:d"),
        std::string("a:b\r"), std::string("a:b\0", 4), longest + "x"})
    EXPECT_FALSE(writer.Add("work", text)) << text;
  EXPECT_EQ(writer.Text(), empty);
  EXPECT_TRUE(writer.Add("empty", "a:"));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(writer.Add("label" + std::to_string(i), longest));
  std::size_t taken = 0;
  while (writer.Add("more", longest)) ++taken;
  EXPECT_LT(taken, 10U);
  EXPECT_EQ(FindCredential(writer.Text(), "label19"), longest);
}

}  // namespace
