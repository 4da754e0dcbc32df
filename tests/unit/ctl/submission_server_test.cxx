// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/submission_server.hxx"

#include <gtest/gtest.h>

#include <cstdint>
#include <sstream>

using ctl::SubmissionServer;

namespace {

struct Record {
  std::uint16_t priority;
  std::uint16_t weight;
  std::uint16_t port;
  std::string host;  // dots between labels; empty: the root
};

void Put(std::string& to, std::uint16_t number) {
  to += {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
}

void PutName(std::string& to, const std::string& name) {
  std::istringstream labels(name);
  for (std::string label; std::getline(labels, label, '.');) to += static_cast<char>(label.size()) + label;
  to += '\0';
}

// An answer (RFC 1035 section 4.1) to a query for SRV of "a.example".
std::string MakeAnswer(const std::vector<Record>& records) {
  std::string answer;
  for (const auto number : {0x1234, 0x8180, 1, static_cast<int>(records.size()), 0, 0})
    Put(answer, static_cast<std::uint16_t>(number));
  PutName(answer, "a.example");
  Put(answer, 33);
  Put(answer, 1);
  for (const auto& record : records) {
    std::string data;
    for (const auto number : {record.priority, record.weight, record.port}) Put(data, number);
    PutName(data, record.host);
    Put(answer, 0xc00c);
    for (const auto number : {33, 1, 0, 60, static_cast<int>(data.size())})
      Put(answer, static_cast<std::uint16_t>(number));
    answer += data;
  }
  return answer;
}

std::vector<SubmissionServer> Parse(const std::string& answer) {
  return ctl::ParseSubmissionServers({reinterpret_cast<const unsigned char*>(answer.data()), answer.size()},
                                     true);
}

}  // namespace

TEST(SubmissionServer, ComesByPriorityAndWeight) {
  const auto servers =
      Parse(MakeAnswer({{10, 1, 465, "c.example"}, {0, 1, 465, "b.example"}, {0, 5, 4650, "a.example"}}));
  ASSERT_EQ(servers.size(), 3U);
  EXPECT_EQ(servers[0], (SubmissionServer{"a.example", 4650, true, 0, 5}));
  EXPECT_EQ(servers[1].host, "b.example");
  EXPECT_EQ(servers[2].host, "c.example");
}

TEST(SubmissionServer, MayDecidedlyNotBeThere) {
  EXPECT_TRUE(Parse(MakeAnswer({{0, 0, 0, ""}})).empty());
  EXPECT_TRUE(Parse(MakeAnswer({})).empty());
}

TEST(SubmissionServer, IsNoneInAMalformedAnswer) {
  const auto answer = MakeAnswer({{0, 1, 465, "b.example"}});
  for (std::size_t size = 0; size < answer.size(); ++size)
    EXPECT_TRUE(Parse(answer.substr(0, size)).empty()) << size;
  EXPECT_TRUE(Parse(MakeAnswer({{0, 1, 465, "b ad.example"}})).empty());
}

TEST(SubmissionServer, HasAUrl) {
  EXPECT_EQ((SubmissionServer{"a.example", 465, true}.Url("me")), "smtps://me@a.example");
  EXPECT_EQ((SubmissionServer{"a.example", 993, true}.Url("me")), "smtps://me@a.example:993");
  EXPECT_EQ((SubmissionServer{"a.example", 587, false}.Url("me")), "smtp+tls://me@a.example:587");
}
