// SPDX-License-Identifier: BSD-2-Clause
#include "queue/trace.hxx"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

queue::Trace TraceOf(const std::string& text) {
  mail::HeaderReader reader;
  if (reader.Add(text) == mail::HeaderReader::State::Reading) reader.Finish();
  return queue::Trace(reader);
}

route::End EndOf(const std::string& user, std::vector<std::string> delivered_to = {}) {
  auto line = std::make_shared<route::Lineage>();
  line->delivered_to = std::move(delivered_to);
  return {route::Route{}, "x@example.net", user, line};
}

TEST(Trace, CountsServers) {
  std::string text;
  for (std::size_t i = 0; i < queue::Trace::kMaxReceived; ++i) text += "Received: by x\n";
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
  const std::string once = "Delivered-To: Alice@Host\nDelivered-To:\n list@host\n";
  const auto trace =
      TraceOf(once + once +
              "Delivered-To: carol@host\nDelivered-To: \"a@b\"@host\nDelivered-To: \"a@b\"@host\n\n"
              "Delivered-To: bob@host\nDelivered-To: bob@host\n");
  EXPECT_TRUE(trace.FindLoop(EndOf("alice"), "host"));
  EXPECT_TRUE(trace.FindLoop(EndOf("a@b"), "host"));
  EXPECT_FALSE(trace.FindLoop(EndOf("carol"), "host")) << "taken from the mailbox and submitted again";
  EXPECT_FALSE(trace.FindLoop(EndOf("alice"), "other"));
  EXPECT_FALSE(trace.FindLoop(EndOf("bob"), "host"));
  EXPECT_TRUE(trace.FindLoop(EndOf("", {"list@host"}), "host"));
  EXPECT_FALSE(trace.FindLoop(EndOf(""), "host"));
}

TEST(Trace, OfAMessageWithoutAHeaderIsEmpty) {
  EXPECT_FALSE(TraceOf("").FindLoop());
}

}  // namespace
