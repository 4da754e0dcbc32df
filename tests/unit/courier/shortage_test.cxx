// SPDX-License-Identifier: BSD-2-Clause
#include "courier/packet.hxx"
#include "no_descriptors.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

using courier::ReceiveStatus;
using courier::SendStatus;

namespace {

int next_error = 0;  // of the next call below; 0: none

bool FailsNow() {
  const int error = std::exchange(next_error, 0);
  if (error) errno = error;
  return error != 0;
}

}  // namespace

// They stand in for those of the C library in this program.
extern "C" ssize_t sendmsg(int socket, const msghdr* header, int flags) {
  return FailsNow() ? -1 : ::syscall(SYS_sendmsg, socket, header, flags);
}
extern "C" ssize_t recvmsg(int socket, msghdr* header, int flags) {
  return FailsNow() ? -1 : ::syscall(SYS_recvmsg, socket, header, flags);
}

namespace {

constexpr int kShortages[] = {ENOMEM, ENOBUFS, ETOOMANYREFS};

TEST(Shortage, OfTheKernelLeavesTheConnectionAndThePacket) {
  auto [here, there] = courier::MakePair();
  for (const auto& socket : {here.Ref(), there.Ref()}) ::fcntl(socket.Get(), F_SETFL, O_NONBLOCK);
  for (const int error : kShortages) {
    next_error = error;
    EXPECT_EQ(courier::Send(here, "one"), SendStatus::Shortage) << error;
    EXPECT_EQ(courier::Send(here, "one"), SendStatus::Sent) << error;
    courier::Packet packet;
    next_error = error;
    EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Shortage) << error;
    EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Received) << error;
    EXPECT_EQ(packet.text, "one");
  }
}

TEST(Shortage, IsWaitedOutOnASocketThatBlocks) {
  const auto [here, there] = courier::MakePair();
  for (const int error : {EINTR, ENOMEM, ENOBUFS, ETOOMANYREFS}) {
    next_error = error;
    EXPECT_EQ(courier::Send(here, "one"), SendStatus::Sent) << error;
    courier::Packet packet;
    next_error = error;
    EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Received) << error;
  }
}

TEST(Shortage, OfDescriptorsLeavesThePacket) {
  const auto [here, there] = courier::MakePair();
  ::fcntl(there.Get(), F_SETFL, O_NONBLOCK);
  ASSERT_EQ(courier::Send(here, "one", here, here), SendStatus::Sent);
  ASSERT_EQ(courier::Send(here, "two"), SendStatus::Sent);
  courier::Packet packet;
  {
    const NoDescriptors none;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(courier::Receive(there, packet), ReceiveStatus::Shortage);
    EXPECT_EQ(courier::Peek(there, packet), ReceiveStatus::Shortage);
  }
  for (const auto receive : {&courier::Peek, &courier::Receive}) {
    ASSERT_EQ(receive(there, packet), ReceiveStatus::Received);
    EXPECT_EQ(packet.text, "one");
    EXPECT_TRUE(packet.fd);
    EXPECT_TRUE(packet.second_fd);
  }
  const NoDescriptors none;
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received) << "it needs none";
  EXPECT_EQ(packet.text, "two");
}

TEST(Shortage, OfDescriptorsIsWaitedOutOnASocketThatBlocks) {
  const auto [here, there] = courier::MakePair();
  ASSERT_EQ(courier::Send(here, "one", here), SendStatus::Sent);
  const NoDescriptors none;
  courier::Packet packet;
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_EQ(none.Waits(), 1U);
  EXPECT_TRUE(packet.fd);
}

}  // namespace
