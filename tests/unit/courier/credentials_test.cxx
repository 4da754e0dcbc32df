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

using courier::CredentialWriter;
using courier::FindCredential;

UniqueFd SomeFile() {
  CredentialWriter writer;
  EXPECT_TRUE(writer.Add("work", "alice@work.example:pa:ss word"));
  EXPECT_TRUE(writer.Add("wor", "alice:other"));
  return writer.Seal();
}

TEST(Credentials, AreFoundByLabel) {
  const auto file = SomeFile();
  EXPECT_EQ(FindCredential(file, "work"), "alice@work.example:pa:ss word");
  EXPECT_EQ(FindCredential(file, "wor"), "alice:other");
  for (const auto* label : {"", "w", "works", "alice"}) EXPECT_FALSE(FindCredential(file, label)) << label;
}

TEST(Credentials, CanNotBeChanged) {
  const auto file = SomeFile();
  EXPECT_LT(::pwrite(file.Get(), "x", 1, 0), 0);
  EXPECT_LT(::ftruncate(file.Get(), 0), 0);
  EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.Get(), 0), MAP_FAILED);
}

TEST(Credentials, TravelBehindAMessage) {
  auto [here, there] = courier::MakePair();
  const UniqueFd message(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(courier::Send(here, "request", message, SomeFile()), courier::SendStatus::Sent);
  courier::Packet packet;
  ASSERT_EQ(courier::Receive(there, packet), courier::ReceiveStatus::Received);
  EXPECT_TRUE(packet.fd);
  EXPECT_EQ(FindCredential(packet.second_fd, "wor"), "alice:other");
  ASSERT_EQ(courier::Send(here, "answer", SomeFile()), courier::SendStatus::Sent);
  ASSERT_EQ(courier::Receive(there, packet), courier::ReceiveStatus::Received);
  EXPECT_EQ(FindCredential(packet.fd, "wor"), "alice:other");
  EXPECT_FALSE(packet.second_fd);
}

TEST(Credentials, AreNotReadFromWhatIsNotSealed) {
  const TemporaryDirectory directory;
  const UniqueFd at = OpenDirectory(directory.Path());
  ReplaceFile({at, "file"}, "work:alice:secret\n", 0600);
  const UniqueFd file = OpenBeneath({at, "file"}, O_RDONLY);
  EXPECT_FALSE(FindCredential(file, "work"));
  const UniqueFd open(::memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  WriteAll(open, "work:alice:secret\n");
  EXPECT_FALSE(FindCredential(open, "work"));
  EXPECT_FALSE(FindCredential(FdRef(-1), "work"));
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  EXPECT_FALSE(FindCredential(reader, "work"));  // and waits for nobody to write there
}

TEST(CredentialWriter, TakesNothingElse) {
  CredentialWriter writer;
  const std::string longest = "a:" + std::string(courier::kMaxCredential - 2, 'x');
  EXPECT_TRUE(writer.IsEmpty());
  for (const auto& text :
       {std::string(), std::string("alice"), std::string(":secret"), std::string("a:b\nc:d"),
        std::string("a:b\r"), std::string("a:b\0", 4), longest + "x"})
    EXPECT_FALSE(writer.Add("work", text)) << text;
  EXPECT_TRUE(writer.IsEmpty());
  EXPECT_TRUE(writer.Add("empty", "a:"));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(writer.Add("label" + std::to_string(i), longest));
  std::size_t taken = 0;
  while (writer.Add("more", longest)) ++taken;
  EXPECT_LT(taken, 10U);
  EXPECT_EQ(FindCredential(writer.Seal(), "label19"), longest);
}

}  // namespace
