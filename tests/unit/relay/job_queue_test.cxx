// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/job_queue.hxx"

#include <gtest/gtest.h>

#include <string>

namespace {

std::unique_ptr<relay::Job> JobOf(uid_t share, std::uint64_t serial) {
  auto job = std::make_unique<relay::Job>();
  job->request.share = share;
  job->request.serial = serial;
  return job;
}

TEST(JobQueue, HasSubmittersTakeTurns) {
  relay::JobQueue queue;
  for (const std::uint64_t serial : {1, 2, 3, 4}) queue.Add(JobOf(1000, serial));
  queue.Add(JobOf(1001, 11));
  queue.Add(JobOf(0, 21));
  std::string order;
  while (auto job = queue.Take()) {
    order += std::to_string(job->request.serial) + " ";
    if (job->request.serial == 11) queue.Add(JobOf(1001, 12));
  }
  EXPECT_EQ(order, "21 1 11 2 12 3 4 ");
  EXPECT_TRUE(queue.IsEmpty());
}

TEST(JobQueue, GivesBackFirstWhatWasTakenBefore) {
  relay::JobQueue queue;
  for (const std::uint64_t serial : {1, 2}) queue.Add(JobOf(1000, serial));
  queue.Add(JobOf(1001, 11));
  queue.AddAgain(queue.Take());
  EXPECT_EQ(queue.Size(), 3U);
  EXPECT_EQ(queue.Take()->request.serial, 1U);
  const auto rest = queue.TakeAll();
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0]->request.serial, 11U);
  EXPECT_EQ(rest[1]->request.serial, 2U);
  EXPECT_EQ(queue.Take(), nullptr);
}

}  // namespace
