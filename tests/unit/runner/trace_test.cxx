// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/trace.hxx"

#include "base/file.hxx"

#include <gtest/gtest.h>

#include <sys/mman.h>

namespace {

runner::Trace TraceOf(const std::string& text) {
  const UniqueFd file(::memfd_create("message", MFD_CLOEXEC));
  WriteAll(file, text);
  return runner::Trace::Read(RealDisk(), file);
}

route::End EndOf(const std::string& user, std::vector<std::string> delivered_to = {}) {
  auto line = std::make_shared<route::Lineage>();
  line->delivered_to = std::move(delivered_to);
  return {route::Route{}, "x@example.net", user, line};
}

TEST(Trace, CountsServers) {
  std::string text;
  for (std::size_t i = 0; i < runner::Trace::kMaxReceived; ++i) text += "Received: by x\n";
  EXPECT_FALSE(TraceOf(text + "\nReceived: in the body\n").FindLoop());
  const auto loop = TraceOf("Subject: x\n" + text + "received : by y\n\n").FindLoop();
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->status, "5.4.6");
}

TEST(Trace, SeesWhetherTlsMatters) {
  EXPECT_TRUE(TraceOf("Subject: x\ntls-required: no \n\n").IsTlsOptional());
  for (const auto* text : {"Subject: x\n\nTLS-Required: No\n", "TLS-Required: Yes\n\n", "TLS-Required:\n\n"})
    EXPECT_FALSE(TraceOf(text).IsTlsOptional()) << text;
}

TEST(Trace, SeesWhereTheMessageHasBeen) {
  const auto trace =
      TraceOf("Delivered-To: Alice@Host\nDelivered-To:\n list@host\n\nDelivered-To: bob@host\n");
  EXPECT_TRUE(trace.FindLoop(EndOf("alice"), "host"));
  EXPECT_FALSE(trace.FindLoop(EndOf("alice"), "other"));
  EXPECT_FALSE(trace.FindLoop(EndOf("bob"), "host"));
  EXPECT_TRUE(trace.FindLoop(EndOf("", {"list@host"}), "host"));
  EXPECT_FALSE(trace.FindLoop(EndOf(""), "host"));
}

TEST(Trace, ReadsHugeHeadersInPieces) {
  const std::string filler = "X-Filler: " + std::string(60000, 'x') + "\n";
  EXPECT_TRUE(TraceOf(filler + filler + "Delivered-To: alice@host\n\n").FindLoop(EndOf("alice"), "host"));
  EXPECT_FALSE(TraceOf("").FindLoop());
}

}  // namespace
