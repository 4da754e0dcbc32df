// SPDX-License-Identifier: BSD-2-Clause
#include "courier/packet.hxx"

#include "../base/temporary_directory.hxx"
#include "base/error.hxx"
#include "base/file.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <vector>

using courier::Packet;
using courier::ReceiveStatus;
using courier::SendStatus;

namespace {

class PacketTest : public testing::Test {
 protected:
  void SetUp() override { std::tie(here, there) = courier::MakePair(); }

  UniqueFd here;
  UniqueFd there;
  Packet packet;
};

UniqueFd OpenNull() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

int CountOpen() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    count += !entry.path().empty();
  return count;
}

void SendDescriptors(FdRef socket, const std::vector<int>& fds) {
  char text[] = "x";
  iovec part{text, 1};
  std::vector<char> control(CMSG_SPACE(fds.size() * sizeof(int)));
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  auto* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  std::memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
  ASSERT_EQ(::sendmsg(socket.Get(), &header, 0), 1);
}

}  // namespace

TEST_F(PacketTest, KeepsTheBordersOfDatagrams) {
  EXPECT_EQ(courier::Send(here, "one"), SendStatus::Sent);
  EXPECT_EQ(courier::Send(here, std::string_view("t\0o", 3)), SendStatus::Sent);
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_EQ(packet.text, "one");
  EXPECT_FALSE(packet.fd);
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_EQ(packet.text, std::string_view("t\0o", 3));
}

TEST_F(PacketTest, CarriesADescriptorCloseOnExec) {
  const TemporaryDirectory temporary;
  const UniqueFd directory = OpenDirectory(temporary.Path());
  ReplaceFile({directory, "message"}, "the message", 0600);
  const UniqueFd file = OpenBeneath({directory, "message"}, O_RDONLY);
  EXPECT_EQ(courier::Send(here, "with", file), SendStatus::Sent);
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  ASSERT_TRUE(packet.fd);
  EXPECT_NE(packet.fd.Get(), file.Get());
  EXPECT_TRUE(::fcntl(packet.fd.Get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_EQ(ReadAll(packet.fd, 100), "the message");
}

TEST_F(PacketTest, ForgetsTheDescriptorOfThePacketBefore) {
  const UniqueFd file = OpenNull();
  EXPECT_EQ(courier::Send(here, "with", file), SendStatus::Sent);
  EXPECT_EQ(courier::Send(here, "without"), SendStatus::Sent);
  const int open = CountOpen();
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_TRUE(packet.fd);
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_FALSE(packet.fd);
  EXPECT_EQ(CountOpen(), open);
}

TEST_F(PacketTest, CarriesTwoDescriptorsInTheirOrder) {
  const TemporaryDirectory temporary;
  const UniqueFd directory = OpenDirectory(temporary.Path());
  ReplaceFile({directory, "message"}, "the message", 0600);
  const UniqueFd file = OpenBeneath({directory, "message"}, O_RDONLY);
  EXPECT_EQ(courier::Send(here, "two", OpenNull(), file), SendStatus::Sent);
  EXPECT_EQ(courier::Send(here, "one", FdRef(-1), file), SendStatus::Sent);
  const int open = CountOpen();
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_TRUE(packet.fd);
  EXPECT_EQ(ReadAll(packet.second_fd, 100), "the message");
  EXPECT_TRUE(::fcntl(packet.second_fd.Get(), F_GETFD) & FD_CLOEXEC);
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_TRUE(packet.fd);
  EXPECT_FALSE(packet.second_fd);
  packet = {};
  EXPECT_EQ(CountOpen(), open);
}

TEST_F(PacketTest, RefusesMoreThanTwoDescriptorsAndLeaksNone) {
  const UniqueFd file = OpenNull();
  for (const std::size_t number : {3, 4, 5, 50}) {
    std::tie(here, there) = courier::MakePair();
    const int open = CountOpen();
    SendDescriptors(here, std::vector<int>(number, file.Get()));
    EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Closed) << number;
    packet = {};
    EXPECT_EQ(CountOpen(), open) << number;
  }
}

TEST_F(PacketTest, CarriesTheLargestDatagram) {
  const std::string text(courier::kMaxPacket, 'x');
  EXPECT_EQ(courier::Send(here, text), SendStatus::Sent);
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_EQ(packet.text, text);
}

TEST_F(PacketTest, DoesNotSendALargerOne) {
  try {
    (void)courier::Send(here, std::string(courier::kMaxPacket + 1, 'x'));
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_TRUE(IsErrno(error, EMSGSIZE));
  }
}

TEST_F(PacketTest, RefusesADatagramThatWasCut) {
  const std::string text(courier::kMaxPacket + 1, 'x');
  ASSERT_EQ(::send(here.Get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Closed);
}

TEST_F(PacketTest, RefusesAnEmptyDatagram) {
  ASSERT_EQ(::send(here.Get(), "", 0, 0), 0);
  EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Closed);
}

TEST_F(PacketTest, SaysThatTheOtherSideHasGone) {
  EXPECT_EQ(courier::Send(here, "last"), SendStatus::Sent);
  here.Close();
  EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_EQ(packet.text, "last");
  EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Closed);
  EXPECT_EQ(courier::Send(there, "x"), SendStatus::Closed);
}

TEST_F(PacketTest, SaysThatTheOtherSideHasGoneWithUnreadPackets) {
  EXPECT_EQ(courier::Send(here, "never read"), SendStatus::Sent);
  there.Close();
  EXPECT_EQ(courier::Receive(here, packet), ReceiveStatus::Closed);
  EXPECT_EQ(courier::Send(here, "x"), SendStatus::Closed);
}

TEST_F(PacketTest, DoesNotBlockWhereTheSocketMustNot) {
  for (const auto* end : {&here, &there}) ASSERT_EQ(::fcntl(end->Get(), F_SETFL, O_NONBLOCK), 0);
  EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::WouldBlock);
  const std::string text(courier::kMaxPacket / 2, 'x');
  auto status = SendStatus::Sent;
  int sent = 0;
  for (; status == SendStatus::Sent && sent < 10000; ++sent) status = courier::Send(here, text);
  EXPECT_EQ(status, SendStatus::WouldBlock);
  EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_EQ(courier::Send(here, text), SendStatus::Sent);
}

TEST_F(PacketTest, ReportsWhatIsNoSocket) {
  EXPECT_THROW((void)courier::Receive(OpenNull(), packet), std::system_error);
  EXPECT_THROW((void)courier::Send(OpenNull(), "x"), std::system_error);
}

TEST(Connect, ReachesASocketOfTheFileSystem) {
  const TemporaryDirectory temporary;
  const UniqueFd listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (temporary / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.Get(), 1), 0);
  const UniqueFd client = courier::Connect(temporary / "socket");
  const UniqueFd server(::accept4(listener.Get(), nullptr, nullptr, SOCK_CLOEXEC));
  EXPECT_EQ(courier::Send(client, "hello"), SendStatus::Sent);
  Packet packet;
  ASSERT_EQ(courier::Receive(server, packet), ReceiveStatus::Received);
  EXPECT_EQ(packet.text, "hello");
}

TEST(Connect, ReportsWhatIsNotThere) {
  EXPECT_THROW((void)courier::Connect("/nonexistent/socket"), std::system_error);
  EXPECT_THROW((void)courier::Connect(std::string(200, 'x')), std::system_error);
}
