// SPDX-License-Identifier: BSD-2-Clause
#include "queue/spool_store.hxx"

#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace {

struct SpoolStoreTest : testing::Test {
  SpoolDirectory directory;
  spool::Queue queue{directory.Open("queue")};
  queue::SpoolStore store{queue};
  mail::Envelope envelope = MakeTestEnvelope(1);
};

TEST_F(SpoolStoreTest, AddsAMessageOnce) {
  const std::string text = "Subject: x\n\nbody\n";
  EXPECT_TRUE(store.Add(envelope, text));
  EXPECT_EQ(envelope.message_size, text.size());
  auto again = MakeTestEnvelope(1);
  EXPECT_FALSE(store.Add(again, text));
  EXPECT_EQ(again.message_size, text.size());
  EXPECT_EQ(store.ReadMessage(envelope.id, 7), "Subject");
  EXPECT_TRUE(std::holds_alternative<mail::Envelope>(store.Read(envelope.id)));
  store.Remove(envelope.id);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(store.Read(envelope.id)));
}

TEST_F(SpoolStoreTest, ReadsHugeHeadersInPieces) {
  const std::string filler = "X-Filler: " + std::string(60000, 'x') + "\n";
  EXPECT_TRUE(store.Add(envelope, filler + filler + "Delivered-To: alice@host\n\nbody\n"));
  const auto header = store.ReadHeader(envelope.id);
  ASSERT_EQ(header.Fields().size(), 3u);
  EXPECT_TRUE(header.Fields()[2].Is("Delivered-To"));
}

TEST_F(SpoolStoreTest, GoesOverWhatIsThere) {
  EXPECT_TRUE(store.Add(envelope, "body\n"));
  const auto scan = store.MakeScan();
  unsigned found = 0;
  for (auto id = scan->Next(); !scan->AtEnd(); id = scan->Next()) found += id == envelope.id;
  EXPECT_EQ(found, 1u);
  EXPECT_EQ(scan->Fault(), "");
}

}  // namespace
