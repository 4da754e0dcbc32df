// SPDX-License-Identifier: BSD-2-Clause
#include "courier/packet.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
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

TEST(Shortage, OfDescriptorsCostsThoseOfThePacketOnly) {
  const auto [here, there] = courier::MakePair();
  ASSERT_EQ(courier::Send(here, "one", here), SendStatus::Sent);
  ASSERT_EQ(courier::Send(here, "two", here), SendStatus::Sent);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  const rlimit none{0, old.rlim_max};
  courier::Packet packet;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto status = courier::Receive(there, packet);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
  EXPECT_EQ(status, ReceiveStatus::Received);
  EXPECT_EQ(packet.text, "one");
  EXPECT_FALSE(packet.fd);
  ASSERT_EQ(courier::Receive(there, packet), ReceiveStatus::Received);
  EXPECT_EQ(packet.text, "two");
  EXPECT_TRUE(packet.fd);
}

}  // namespace
