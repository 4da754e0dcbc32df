// SPDX-License-Identifier: BSD-2-Clause
// System calls that fail while mail is accepted, delivered and relayed: nothing that was acknowledged is
// lost, returned or set aside, and all of it moves on by itself. FAULTS=all in the environment tries every
// call with every error that it can have (tools/faults); without it, those that have lost mail, or stand for
// others of their kind.
#include "base/text.hxx"
#include "drop_text.hxx"
#include "fault.hxx"
#include "fixture.hxx"
#include "manager.hxx"
#include "paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

using namespace machine;

namespace {

// How long a fault lasts that does not go by itself.
constexpr std::chrono::seconds kOutage{2};
// A program that meets a fault more often than this in that time does nothing else.
constexpr std::size_t kMaxInjections = 3000;

const std::string kMaildir = "/home/carol/Maildir";
const std::string kTaken = "/home/carol/taken";
const std::string kDrop = MAILQUEUE_SPOOLDIR "/drop";

// What each call can say besides what it is asked for.
const struct {
  std::vector<const char*> calls;
  std::vector<const char*> errors;
} kErrors[] = {
    {{"write", "pwrite64", "writev", "ftruncate", "fallocate"}, {"EIO", "ENOSPC", "EDQUOT", "EINTR"}},
    {{"copy_file_range"}, {"EIO", "ENOSPC", "EDQUOT", "EINTR", "EXDEV", "0"}},
    {{"fsync", "fdatasync"}, {"EIO", "ENOSPC", "EDQUOT"}},
    {{"openat", "openat2", "open"}, {"EIO", "EMFILE", "ENFILE", "ENOSPC", "ENOMEM", "EACCES", "EROFS"}},
    {{"renameat", "renameat2", "rename", "linkat", "unlinkat", "unlink", "mkdirat", "mkdir"},
     {"EIO", "ENOSPC", "EROFS", "EDQUOT"}},
    {{"read", "pread64", "readv", "getdents64", "lseek", "close"}, {"EIO", "EINTR"}},
    {{"sendmsg", "sendto"}, {"EAGAIN", "ENOBUFS", "ENOMEM", "EPIPE", "EINTR", "ETOOMANYREFS"}},
    {{"recvmsg", "recvfrom"}, {"EAGAIN", "EIO", "ENOMEM", "ECONNRESET", "EINTR"}},
    {{"socket", "socketpair", "pipe2", "accept4", "accept", "dup", "memfd_create", "eventfd2",
      "timerfd_create", "epoll_create1", "inotify_init1", "fcntl"},
     {"EMFILE", "ENFILE", "ENOMEM"}},
    {{"connect"}, {"ECONNREFUSED", "EAGAIN", "ENOENT", "EINTR"}},
    {{"mmap", "brk", "mremap", "epoll_ctl", "inotify_add_watch"}, {"ENOMEM", "ENOSPC"}},
    {{"fstat", "newfstatat", "statx", "fstatfs", "statfs", "faccessat2", "access", "fchmod", "fchown"},
     {"EIO", "EACCES"}},
    {{"flock"}, {"EINTR", "ENOLCK"}},
    {{"clone", "clone3", "getrandom"}, {"EAGAIN"}},
    {{"setsockopt", "getsockopt", "getsockname", "getpeername", "shutdown", "bind", "ioctl",
      "timerfd_settime"},
     {"EIO", "EPERM"}},
    {{"poll", "ppoll", "epoll_wait", "epoll_pwait2"}, {"EINTR"}},
};

// The kinds of call that have lost mail, or ended a program.
const std::vector<Fault> kUsual = {
    {"runner", "openat", "EMFILE", "1"},
    {"runner", "openat", "EIO", "2"},
    {"runner", "openat", "ENOMEM", "2+3"},
    {"runner", "openat", "ENFILE", "1+"},
    {"runner", "openat", "EMFILE", "2", kDrop},
    {"runner", "openat", "EIO", "2", kDrop},
    {"runner", "getdents64", "EIO", "1"},
    {"runner", "copy_file_range", "EIO", "1"},
    {"runner", "copy_file_range", "0", "1"},
    {"runner", "copy_file_range", "ENOSPC", "1+"},
    {"runner", "copy_file_range", "EIO", "1", "", "unlinkat"},
    {"runner", "fsync", "EIO", "1"},
    {"runner", "fsync", "EIO", "1+"},
    {"runner", "renameat", "EIO", "1"},
    {"runner", "renameat", "ENOSPC", "1+"},
    {"runner", "unlinkat", "EIO", "1"},
    {"runner", "unlinkat", "EROFS", "1+"},
    {"runner", "unlinkat", "EIO", "1", kDrop},
    {"runner", "unlinkat", "EROFS", "1+", kDrop},
    {"runner", "sendmsg", "ENOBUFS", "1"},
    {"runner", "sendmsg", "ENOMEM", "1+"},
    {"runner", "recvmsg", "ENOMEM", "1"},
    {"runner", "recvmsg", "ENOMEM", "1+"},
    {"runner", "socketpair", "EMFILE", "1"},
    {"runner", "pipe2", "EMFILE", "1+"},
    {"runner", "accept", "EMFILE", "1"},
    {"deliver", "openat", "EMFILE", "1"},
    {"deliver", "openat", "EIO", "2+3"},
    {"deliver", "write", "ENOSPC", "1"},
    {"deliver", "write", "EIO", "1+"},
    {"deliver", "fsync", "EIO", "1"},
    {"deliver", "recvmsg", "ENOMEM", "1"},
    {"deliver", "sendmsg", "ENOBUFS", "1"},
    {"relay", "recvmsg", "ENOMEM", "1"},
    {"relay", "recvmsg", "ENOMEM", "1+"},
    {"relay", "sendmsg", "ENOBUFS", "1"},
    {"relay", "sendmsg", "ETOOMANYREFS", "1"},
    {"relay", "pread64", "EIO", "1"},
    {"launcher", "recvmsg", "ENOMEM", "1"},
    {"launcher", "sendmsg", "ENOBUFS", "1+"},
    {"sendmail", "openat", "EMFILE", "1+"},
    {"sendmail", "write", "ENOSPC", "1"},
    {"sendmail", "pwrite64", "EIO", "1"},
    {"sendmail", "fsync", "EIO", "1"},
    {"sendmail", "linkat", "EROFS", "1"},
    {"sendmail", "sendto", "ENOBUFS", "1"},
    {"sendmail", "recvfrom", "ECONNRESET", "1"},
};

bool IsEveryFaultWanted() {
  const char* const wanted = std::getenv("FAULTS");
  return wanted && std::string_view(wanted) == "all";
}

// No call is interrupted for ever, and no socket that is ready says for ever that it is not: who waits for it
// would wait for its next event.
bool IsForAMoment(std::string_view call, std::string_view error) {
  return error == "EINTR" || (error == "EAGAIN" && (call.starts_with("send") || call.starts_with("recv")));
}

// Something lacks, and the call has done nothing: what it was made for is as it was, so nothing is sent twice
// and no program ends.
bool IsShortage(const Fault& fault) {
  static const std::set<std::string> kShortages = {"EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "ETOOMANYREFS"};
  return kShortages.contains(fault.error);
}

std::vector<Fault> AllFaults() {
  std::vector<Fault> all;
  for (const char* program : {"runner", "deliver", "relay", "launcher", "sendmail"})
    for (const auto& [calls, errors] : kErrors)
      for (const char* call : calls)
        for (const char* when : {"1", "2", "3", "2+3", "1+"})
          for (const char* error : errors)
            if (std::string_view(when) != "1+" || !IsForAMoment(call, error))
              all.push_back({program, call, error, when});
  return all;
}

std::vector<Fault> Faults() {
  return IsEveryFaultWanted() ? AllFaults() : kUsual;
}

// A message that was acknowledged, and who is to get it.
struct Accepted {
  std::string subject;
  std::vector<std::string> recipients;
};

std::string FilesOf(const std::string& directory) {
  std::string text;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.is_regular_file()) text += TextOf(entry.path());
  return text;
}

// The last line of a message, so that one that was cut does not count.
std::string EndOf(const std::string& subject) {
  return "End of " + subject;
}

std::optional<pid_t> FindProcess(const std::string& program) {
  const auto bob = std::string(Trim(Check({"id", "-u", "bob"})));
  for (const auto& process : MailqueueProcesses()) {
    if (process.name != "mailqueue-" + program) continue;
    if (program != "deliver" ||
        TextOf(fmt::format("/proc/{}/cgroup", process.pid)).find("mailqueue-deliver-" + bob + "-") !=
            std::string::npos)
      return process.pid;
  }
  return {};
}

// While this lives, sendmail has to use the socket.
class NoDrops {
 public:
  NoDrops() { std::filesystem::permissions(kDrop, kWritable, std::filesystem::perm_options::remove); }
  ~NoDrops() { std::filesystem::permissions(kDrop, kWritable, std::filesystem::perm_options::add); }
  NoDrops(const NoDrops&) = delete;
  NoDrops& operator=(const NoDrops&) = delete;

 private:
  static constexpr auto kWritable = std::filesystem::perms::others_write;
};

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// For a relay that nobody can reach: while it waits the runner stays, so that none that starts anew finds
// what this one has forgotten.
constexpr std::string_view kKept = "kept@away.invalid";

bool IsKeptAlone() {
  const auto queue = ReadQueue();
  return queue.size() == 1 && queue[0].recipients.at(0).address == kKept && std::filesystem::is_empty(kDrop);
}

// Failing calls are tried a hundred times and more, so what runs stays there between two of them, unless one
// has gone wrong.
class Faults : public SystemTest {
 protected:
  static void SetUpTestSuite() {
    Check(
        {"install", "-d", "-o", "carol", kMaildir, kMaildir + "/new", kMaildir + "/cur", kMaildir + "/tmp"});
    Check({"install", "-o", "carol", "/dev/null", kTaken});
    forward = std::make_unique<SetupFile>("/home/carol/.forward",
                                          kMaildir + "/, \"|/usr/bin/tee -a " + kTaken + "\"\n");
    Check({"chown", "carol", "/home/carol/.forward"});
    receiver = std::make_unique<Receiver>();
    configuration = std::make_unique<Configuration>(
        "[Relay]\nHost=smtp+notls://" + receiver->At() +
        "\n[Relay.away]\nRecipients=away.invalid\nHost=smtp+notls://127.0.0.1:9\n"
        "[Queue]\nRetryMin=1s\nRetryMax=2s\n");
    fresh = true;
  }
  static void TearDownTestSuite() {
    configuration.reset();
    receiver.reset();
    forward.reset();
    Check({"rm", "-rf", kMaildir, kTaken});
  }

  void SetUp() override {
    if (fresh) {
      ASSERT_NO_FATAL_FAILURE(SystemTest::SetUp());
      machine::Send("alice", {"-i", std::string(kKept)}, MakeMessage(MakeSubject()));
    }
    fresh = false;
    for (const char* place : {kMaildir.c_str(), "/var/mail"})
      for (const auto& entry : std::filesystem::recursive_directory_iterator(place))
        if (entry.is_regular_file()) std::filesystem::remove(entry.path());
    std::filesystem::resize_file(kTaken, 0);
  }
  void TearDown() override {
    EXPECT_EQ(FilesOf(MAILQUEUE_SPOOLDIR "/corrupt").substr(0, 500), "");
    for (const char* sender : {"alice", "root"})
      EXPECT_EQ(MailboxText(sender).substr(0, 2000), "") << "returned";
    SystemTest::TearDown();
    fresh = fresh || HasFailure();
  }

  // By each way into the queue, and to each kind of recipient.
  void SendAll() {
    Send({"sendmail", "-i"}, {"bob", "friend@remote.example"});
    Send({"sendmail", "-i"}, {"carol"});
    const NoDrops closed;
    Send({"sendmail", "-i"}, {"bob"});
  }

  // @param limit of the time that the program takes
  int Send(std::vector<std::string> words, const std::vector<std::string>& recipients,
           const std::string& user = "alice", std::chrono::seconds limit = kSoon) {
    const auto subject = MakeSubject();
    std::string body;
    for (int line = 0; line < 500; ++line) body += fmt::format("line {} of a message\n", line);
    words.insert(words.end(), recipients.begin(), recipients.end());
    const auto ended = Execute({.words = words,
                                .user = user,
                                .input = MakeMessage(subject, body + EndOf(subject) + "\n"),
                                .limit = limit});
    if (ended.status == 0) accepted.push_back({subject, recipients});
    return ended.status;
  }

  // What has not arrived yet, as one text.
  [[nodiscard]] std::string Missing() const {
    std::string missing;
    const auto look = [&](const std::string& text, const Accepted& message, const char* place) {
      if (text.find(EndOf(message.subject)) == text.npos)
        missing += fmt::format("{} at {}\n", message.subject, place);
    };
    for (const auto& message : accepted)
      for (const auto& recipient : message.recipients) {
        if (recipient == "bob") look(MailboxText("bob"), message, "bob");
        if (recipient == "carol") look(FilesOf(kMaildir + "/new"), message, "carol");
        if (recipient == "carol") look(TextOf(kTaken), message, "carol's command");
        if (recipient.find('@') != recipient.npos && receiver->WithSubject(message.subject).empty())
          missing += message.subject + " at the relay\n";
      }
    return missing;
  }

  // Who has a message more than once where a copy can't be taken back, as one text.
  [[nodiscard]] std::string Repeated() const {
    std::string repeated;
    for (const auto& message : accepted) {
      if (receiver->WithSubject(message.subject).size() > 1) repeated += message.subject + " at the relay\n";
      if (Count(TextOf(kTaken), EndOf(message.subject)) > 1)
        repeated += message.subject + " at carol's command\n";
    }
    return repeated;
  }

  bool WaitForAll(std::chrono::milliseconds limit) const {
    return WaitUntil([&] { return Missing().empty(); }, limit, {kMaildir + "/new", "/home/carol"});
  }

  // Has the program running, by mail that needs it.
  pid_t Warm(const std::string& program) {
    for (const Deadline deadline(kSoon); !deadline.HasPassed();) {
      if (const auto process = FindProcess(program)) return *process;
      SendAll();
      (void)WaitForAll(kSoon);
    }
    throw std::runtime_error("It does not run: " + DescribeQueue());
  }

  static inline std::unique_ptr<SetupFile> forward;
  static inline std::unique_ptr<Receiver> receiver;
  static inline std::unique_ptr<Configuration> configuration;
  static inline bool fresh = true;  // nothing runs that has met a fault before
  std::vector<Accepted> accepted;
};

class FaultyCall : public Faults, public testing::WithParamInterface<Fault> {
 protected:
  // How often its unit has failed. One that leaves because it has nothing to do has not.
  static std::size_t Failures() {
    const auto& program = GetParam().program;
    const auto unit = program == "runner" ? "mailqueue.service" : "mailqueue-" + program + ".service";
    return Count(Check({"journalctl", "-q", "-b", "-o", "cat", "-u", unit}), "Failed with result");
  }

  // A program that runs has the fault for as long as mail does not arrive in spite of it.
  void Meet() {
    for (const Deadline deadline(kSoon); !deadline.HasPassed();) {
      const auto process = Warm(GetParam().program);
      const auto failures = Failures();
      const Injection injection(GetParam(), process);
      if (!injection.IsTracing()) continue;  // it has just ended
      accepted.clear();
      SendAll();
      (void)WaitForAll(kOutage);
      injections = Injections();
      // An agent may end, and is started again for what it has not answered. The others may if it goes on:
      // the third fault in a minute is one too many.
      if (GetParam().program != "deliver" && (GetParam().IsSingle() || IsShortage(GetParam()))) {
        EXPECT_EQ(Failures(), failures) << "it has ended";
      }
      return;
    }
    FAIL() << "It can't be traced";
  }

  // Each sendmail has it, by each way into the queue. The loader's calls are among them: what can't be
  // started has accepted nothing.
  void Submit() {
    const auto words = WithFault(GetParam(), "alice", {"sendmail", "-i"});
    const auto limit = GetParam().IsSingle() ? kSoon : std::chrono::seconds(150);
    EXPECT_LT(Send(words, {"bob"}, "root", limit), 128);
    injections = Injections();
    const NoDrops closed;
    EXPECT_LT(Send(words, {"bob"}, "root", limit), 128);
    injections += Injections();
  }

  std::size_t injections = 0;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Every, FaultyCall, testing::ValuesIn(Faults()),
                         [](const auto& param) { return NameOf(param.param); });

TEST_P(FaultyCall, LosesNothing) {
  const auto& fault = GetParam();
  // That a program does not make a call shows at its first one.
  static std::set<std::string> not_made;
  if (IsEveryFaultWanted() && not_made.contains(fault.program + fault.call)) return;
  ASSERT_NO_FATAL_FAILURE(fault.program == "sendmail" ? Submit() : Meet());
  if (injections == 0 && fault.when == "1") not_made.insert(fault.program + fault.call);
  if (!IsEveryFaultWanted()) {
    EXPECT_GT(injections, 0U) << "the program makes no such call";
  }
  if (fault.error != "EINTR" && fault.error != "EAGAIN") {
    EXPECT_LT(injections, kMaxInjections) << "it turns";
  }
  EXPECT_TRUE(WaitForAll(kSoon)) << "missing:\n" << Missing();
  EXPECT_TRUE(WaitUntil(IsKeptAlone)) << DescribeQueue();
  if (IsShortage(fault)) {
    EXPECT_EQ(Repeated(), "");
  }
}

// A sector that can't be read, for example.
TEST_F(Faults, ADropThatCanNotBeReadStopsNoOther) {
  const auto runner = Warm("runner");
  const auto id = MakeQueueId();
  const auto subject = MakeSubject();
  {
    const Injection injection({"runner", "copy_file_range", "EIO", "1+", kDrop + "/" + id}, runner);
    ASSERT_TRUE(injection.IsTracing());
    const auto written = Execute(
        {.words = {"sh", "-c", fmt::format("umask 027; cat >{0}/.{1} && mv {0}/.{1} {0}/{1}", kDrop, id)},
         .user = "alice",
         .input = MakeDrop(id, subject, {"bob"})});
    ASSERT_EQ(written.status, 0) << written.err;
    ASSERT_TRUE(WaitForInjection());
    accepted.clear();
    Send({"sendmail", "-i"}, {"bob"});
    EXPECT_TRUE(WaitForAll(kSoon)) << Missing();
  }
  static_cast<void>(WaitForLetter("bob", subject));
}

// The bounce is in the queue, and the message that it reports on can't be stored.
TEST_F(Faults, ABounceIsTriedAfterItsMessageCouldNotBeStored) {
  const auto runner = Warm("runner");
  receiver->SetRules("RCPT late@* 450 4.2.0 later\n");
  const auto subject = MakeSubject();
  machine::Send("alice", {"-i", "late@remote.example", "other@away.invalid"}, MakeMessage(subject));
  const auto find = [] {
    const auto queue = ReadQueue();
    const auto found = std::ranges::find_if(
        queue, [](const auto& envelope) { return envelope.recipients.size() == 2 && envelope.attempts > 0; });
    return found == queue.end() ? std::string() : found->id.ToString();
  };
  ASSERT_TRUE(WaitUntil([&] { return !find().empty(); })) << DescribeQueue();
  {
    // The first results and the ID of the bounce are stored, and then nothing.
    const Injection injection({"runner", "openat", "ENOSPC", "3+", "." + find() + ".envelope.new"}, runner);
    ASSERT_TRUE(injection.IsTracing());
    receiver->SetRules("RCPT late@* 550 5.1.1 gone\n");
    ASSERT_TRUE(WaitForInjection()) << DescribeQueue();
  }
  EXPECT_TRUE(WaitUntil([] { return MailboxText("alice").find("gone") != std::string::npos; }))
      << DescribeQueue();
  receiver->SetRules("");
  ASSERT_NO_FATAL_FAILURE(SystemTest::SetUp());
  fresh = true;
}

TEST_F(Faults, ABounceIsNotDelayedByASignal) {
  constexpr std::chrono::seconds kLimit{15};
  for (const char* when : {"1", "2", "3", "4"}) {
    const auto runner = Warm("runner");
    const Injection injection({"runner", "pread64", "EINTR", when}, runner);
    ASSERT_TRUE(injection.IsTracing());
    const auto subject = MakeSubject();
    machine::Send("alice", {"-i", "nobody-of-that-name"}, MakeMessage(subject));
    EXPECT_TRUE(WaitUntil([&] { return MailboxText("alice").find(subject) != std::string::npos; }, kLimit))
        << "call " << when << "\n"
        << DescribeQueue();
    std::filesystem::remove(MailboxPath("alice"));
  }
}
