// SPDX-License-Identifier: BSD-2-Clause
#include "submit/handover.hxx"

#include "fake_runner.hxx"
#include "private_drop.hxx"
#include "submit/refusal.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <thread>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

submit::Front MakeFront(mail::QueueId id) {
  mail::Envelope envelope;
  envelope.id = id;
  envelope.sender = "alice@d";
  envelope.recipients.emplace_back().address = "bob";
  return {envelope.ToText(), "Message-ID: <" + id.ToString() + "@d>\n\n"};
}

class HandoverTest : public testing::Test {
 protected:
  submit::Site Site() const {
    submit::Site site;
    site.drop_directory = drop.Path();
    site.submit_socket = sockets.Path() + "/submit";
    site.patience = {};
    return site;
  }

  // As Site(), but drop/ can't be written.
  submit::Site SiteWithoutDrop() const {
    auto site = Site();
    site.drop_directory += "/missing";
    return site;
  }

  static int StatusOf(const std::function<void()>& action) {
    try {
      action();
      return EX_OK;
    } catch (const submit::Refusal& refusal) {
      return refusal.Status();
    }
  }

  PrivateDrop drop;
  PrivateDrop sockets;
};

// What a runner checks before it believes a stream.
mail::Envelope CheckStream(const std::string& stream, const std::string& body) {
  EXPECT_EQ(stream.substr(0, spool::kDropHeadSize), spool::UnfinishedHead());
  if (stream.size() < 2 * spool::kDropHeadSize) return {};
  const auto head = spool::DropHead::Parse(stream.substr(stream.size() - spool::kDropHeadSize));
  EXPECT_TRUE(head);
  if (!head) return {};
  EXPECT_EQ(head->StreamSize(), stream.size());
  const auto envelope = mail::Envelope::Parse(stream.substr(spool::kDropHeadSize, head->envelope_size));
  EXPECT_TRUE(envelope);
  const auto message = stream.substr(spool::kDropHeadSize + head->envelope_size, head->message_size);
  EXPECT_TRUE(message == "Message-ID: <" + envelope->id.ToString() + "@d>\n\n" + body);
  return envelope.value_or(mail::Envelope{});
}

TEST_F(HandoverTest, DropsAWholeFile) {
  const auto site = Site();
  submit::Handover handover(site, MakeFront);
  EXPECT_THAT(drop.Names(), IsEmpty());  // nothing has a name before it is whole
  handover.Write("body\n");
  EXPECT_THAT(drop.Names(), IsEmpty());
  const auto id = handover.Commit();
  const auto messages = drop.Messages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].name, id.ToString());
  EXPECT_EQ(messages[0].text, "Message-ID: <" + id.ToString() + "@d>\n\nbody\n");
}

TEST_F(HandoverTest, LeavesNothingWithoutCommit) {
  const auto site = Site();
  { submit::Handover(site, MakeFront).Write("body\n"); }
  EXPECT_THAT(drop.Names(), IsEmpty());
}

TEST_F(HandoverTest, SendsTheSameBytesWhereDropCannotBeWritten) {
  const auto site = SiteWithoutDrop();
  FakeRunner runner(site.submit_socket, "0 0123456789ABCDEF\n");
  submit::Handover handover(site, MakeFront);
  handover.Write("one\n");
  handover.Write("two\n");
  EXPECT_EQ(handover.Commit().ToString(), "0123456789ABCDEF");
  EXPECT_EQ(CheckStream(runner.Stream(), "one\ntwo\n").sender, "alice@d");
  EXPECT_THAT(drop.Names(), IsEmpty());
}

// A limit on the file's size stands for a full disk or quota: write(2) takes some of it and then fails.
TEST_F(HandoverTest, GoesOverToTheSocketHalfWay) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const std::string block(60000, 'x');
  for (const rlim_t limit : {10, 64, 100, 200, 100000, 180000}) {
    const auto site = Site();
    FakeRunner runner(site.submit_socket, "0 0123456789ABCDEF\n");
    const rlimit small = {limit, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const int status = StatusOf([&] {
      submit::Handover handover(site, MakeFront);
      for (int i = 0; i < 4; ++i) handover.Write(block);
      (void)handover.Commit();
    });
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(status, EX_OK) << limit;
    CheckStream(runner.Stream(), block + block + block + block);
    EXPECT_THAT(drop.Names(), IsEmpty()) << limit;
    ::unlink(site.submit_socket.c_str());
  }
}

TEST_F(HandoverTest, PassesOnWhatTheRunnerSays) {
  const std::pair<const char*, int> cases[] = {{"69 too large\n", EX_UNAVAILABLE},
                                               {"75 disk full\n", EX_TEMPFAIL},
                                               {"", EX_TEMPFAIL},
                                               {"garbage\n", EX_TEMPFAIL}};
  for (const auto& [reply, status] : cases) {
    const auto site = SiteWithoutDrop();
    FakeRunner runner(site.submit_socket, reply);
    EXPECT_EQ(StatusOf([&] { (void)submit::Handover(site, MakeFront).Commit(); }), status) << reply;
    ::unlink(site.submit_socket.c_str());
  }
}

TEST_F(HandoverTest, PassesOnARefusalInTheMiddle) {
  const auto site = SiteWithoutDrop();
  FakeRunner runner(site.submit_socket, "69 too large\n", 1000);
  const std::string block(60000, 'x');
  EXPECT_EQ(StatusOf([&] {
              submit::Handover handover(site, MakeFront);
              for (int i = 0; i < 100; ++i) handover.Write(block);
              (void)handover.Commit();
            }),
            EX_UNAVAILABLE);
}

TEST_F(HandoverTest, RefusesForNowWhereNeitherWayIsOpen) {
  const auto site = SiteWithoutDrop();
  try {
    (void)submit::Handover(site, MakeFront).Commit();
    FAIL();
  } catch (const submit::Refusal& refusal) {
    EXPECT_EQ(refusal.Status(), EX_TEMPFAIL);
    EXPECT_THAT(refusal.what(), testing::HasSubstr("mailqueue.socket"));
    EXPECT_THAT(refusal.what(), testing::HasSubstr("No such file"));
  }
}

TEST_F(HandoverTest, RefusesAMessageBeyondTheLimit) {
  auto site = Site();
  site.max_message_size = 1000;
  submit::Handover handover(site, MakeFront);
  EXPECT_EQ(StatusOf([&] { handover.Write(std::string(900, 'x')); }), EX_OK);
  EXPECT_EQ(StatusOf([&] { handover.Write(std::string(100, 'x')); }), EX_UNAVAILABLE)
      << "the header counts, too";
  EXPECT_THAT(drop.Names(), IsEmpty());
}

TEST_F(HandoverTest, LeavesAReserveOfTheDisk) {
  auto site = Site();
  site.reserve = {100, DiskReserve::kNoSize};
  EXPECT_EQ(StatusOf([&] { (void)submit::Handover(site, MakeFront).Commit(); }), EX_TEMPFAIL);
  EXPECT_THAT(drop.Names(), IsEmpty());
}

TEST_F(HandoverTest, OpensTheSocketWhenTheMessageIsWhole) {
  const auto site = SiteWithoutDrop();
  submit::Handover handover(site, MakeFront);
  handover.Write("one\n");
  FakeRunner runner(site.submit_socket, "0 0123456789ABCDEF\n");  // there was none until now
  handover.Write("two\n");
  EXPECT_EQ(handover.Commit().ToString(), "0123456789ABCDEF");
  CheckStream(runner.Stream(), "one\ntwo\n");
}

TEST_F(HandoverTest, TriesAgainWhatBreaksOrFindsNoRoom) {
  auto site = SiteWithoutDrop();
  site.patience = std::chrono::seconds(30);
  const auto busy = std::to_string(spool::SubmitReply::kBusy) + " too many\n";
  FakeRunner runner(site.submit_socket, "0 0123456789ABCDEF\n", SIZE_MAX, {"", busy, "garbage"});
  submit::Handover handover(site, MakeFront);
  handover.Write("body\n");
  EXPECT_EQ(handover.Commit().ToString(), "0123456789ABCDEF");
  CheckStream(runner.Stream(), "body\n");
}

TEST_F(HandoverTest, WaitsForASocketThatIsNotThereYet) {
  auto site = SiteWithoutDrop();
  site.patience = std::chrono::seconds(30);
  std::optional<FakeRunner> runner;
  std::thread later([&] { runner.emplace(site.submit_socket, "0 0123456789ABCDEF\n"); });
  EXPECT_EQ(StatusOf([&] { (void)submit::Handover(site, MakeFront).Commit(); }), EX_OK);
  later.join();
}

TEST_F(HandoverTest, DoesNotWaitWhereThereIsNoMailQueue) {
  auto site = SiteWithoutDrop();
  site.submit_socket = sockets.Path() + "/missing/submit";
  site.patience = std::chrono::hours(1);
  EXPECT_EQ(StatusOf([&] { (void)submit::Handover(site, MakeFront).Commit(); }), EX_TEMPFAIL);
}

// Neither drop/ nor a temporary file takes more than this.
TEST_F(HandoverTest, StreamsWhatCannotBeCollected) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const std::string block(submit::MessageBuffer::kMaxInMemory / 4, 'x');
  const auto site = Site();
  FakeRunner runner(site.submit_socket, "0 0123456789ABCDEF\n");
  const rlimit small = {1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const int status = StatusOf([&] {
    submit::Handover handover(site, MakeFront);
    for (int i = 0; i < 5; ++i) handover.Write(block);
    (void)handover.Commit();
  });
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(status, EX_OK);
  CheckStream(runner.Stream(), block + block + block + block + block);
}

class DropFileTest : public testing::Test {
 protected:
  static mail::QueueId Id(std::uint32_t n) { return mail::QueueId::Make(mail::FromMicroseconds(1), n); }
  PrivateDrop drop;
};

TEST_F(DropFileTest, TakesNoNameThatIsTaken) {
  submit::DropFile first(RealDisk(), drop.Path()), second(RealDisk(), drop.Path());
  ASSERT_EQ(first.Open(Id(1)), 0);
  ASSERT_EQ(second.Open(Id(2)), 0);
  EXPECT_EQ(first.Link(Id(3)), 0);
  EXPECT_EQ(second.Link(Id(3)), EEXIST);
  EXPECT_EQ(second.Link(Id(4)), 0);
  EXPECT_THAT(drop.Names(), ElementsAre(Id(3).ToString(), Id(4).ToString()));
}

TEST_F(DropFileTest, IsReadableToTheRunnerWhateverTheUmaskIs) {
  const mode_t before = ::umask(0777);
  submit::DropFile file(RealDisk(), drop.Path());
  const int error = file.Open(Id(1));
  ::umask(before);
  ASSERT_EQ(error, 0);
  struct stat status = {};
  ::fstat(file.Fd().Get(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST_F(DropFileTest, CopiesWhatStandsInAFile) {
  submit::DropFile from(RealDisk(), drop.Path());
  submit::DropFile file(RealDisk(), drop.Path());
  ASSERT_EQ(from.Open(Id(1)), 0);
  ASSERT_EQ(file.Open(Id(2)), 0);
  std::string_view text = "0123456789";
  ASSERT_EQ(from.Write(text), 0);
  std::string_view part = "345";
  file.Copy({from.Fd(), 3}, part);
  EXPECT_EQ(part, "") << "is there a file system that can't?";
  std::string_view longer = "89 and what the file has no longer";
  file.Copy({from.Fd(), 8}, longer);
  EXPECT_EQ(longer, " and what the file has no longer");
  ASSERT_EQ(file.Write(longer), 0);
  EXPECT_EQ(file.Size(), 37U);
  std::string there(37, ' ');
  ASSERT_EQ(::pread(file.Fd().Get(), there.data(), there.size(), 0), 37);
  EXPECT_EQ(there, "34589 and what the file has no longer");
}

TEST_F(DropFileTest, SyncsOnceLinked) {
  submit::DropFile file(RealDisk(), drop.Path());
  ASSERT_EQ(file.Open(Id(1)), 0);
  std::string_view text = "text";
  ASSERT_EQ(file.Write(text), 0);
  EXPECT_EQ(file.Size(), 4U);
  ASSERT_EQ(file.Link(Id(1)), 0);
  EXPECT_EQ(file.SyncOrUnlink(), 0);
  EXPECT_THAT(drop.Names(), SizeIs(1));
}

}  // namespace
