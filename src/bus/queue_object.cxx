// SPDX-License-Identifier: BSD-2-Clause
#include "bus/queue_object.hxx"

#include "base/text.hxx"
#include "bus/listing.hxx"
#include "bus/marshal.hxx"
#include "bus/pending_calls.hxx"
#include "bus/queue_adaptor.hxx"

#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace bus {

namespace {

constexpr std::size_t kMaxPart = 256 * 1024;        // octets of a reply that another one goes on from
constexpr std::size_t kMaxReply = 2 * 1024 * 1024;  // octets of any other
constexpr std::chrono::milliseconds kMaxBurst{5};   // of a Process(), and of a part of the list
constexpr std::size_t kMaxAddresses = 1000;         // of one call of Route
constexpr std::size_t kMaxQuestion = 256 * 1024;    // octets of one call of Route
constexpr char kSomebodyLeaves[] =
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
    "member='NameOwnerChanged',arg2=''";
constexpr char kAccessDenied[] = "org.freedesktop.DBus.Error.AccessDenied";
constexpr char kFailed[] = "org.mailqueue.Error.Failed";

void CheckQuestion(const std::string& sender, const std::vector<std::string>& addresses) {
  if (addresses.size() > kMaxAddresses)
    throw MakeError(kFailed, "More than " + std::to_string(kMaxAddresses) + " addresses in one call");
  std::size_t size = sender.size();
  for (const auto& address : addresses) size += address.size();
  if (size > kMaxQuestion)
    throw MakeError(kFailed, "More than " + std::to_string(kMaxQuestion) + " octets in one call");
}

/// The edge where what the queue throws becomes an error for the caller.
class Adaptor final : public sdbus::AdaptorInterfaces<org::mailqueue::Queue1_adaptor> {
 public:
  Adaptor(sdbus::IConnection& connection, QueueControl& control)
      : AdaptorInterfaces(connection, sdbus::ObjectPath(kQueuePath)), control_(control) {
    registerAdaptor();
  }
  ~Adaptor() { unregisterAdaptor(); }
  Adaptor(const Adaptor&) = delete;
  Adaptor& operator=(const Adaptor&) = delete;

  [[nodiscard]] std::uint64_t Calls() const noexcept { return calls_; }
  void OnCallerGone(const std::string& caller) { pending_.OnCallerGone(caller); }

 private:
  /// Turns what the queue throws into an error for the caller.
  template <typename Function>
  auto Serve(Function&& function) {
    ++calls_;
    try {
      return function();
    } catch (const sdbus::Error&) {
      throw;
    } catch (const std::exception& error) {
      throw MakeError(kFailed, error.what());
    }
  }

  std::optional<uid_t> CallersSubmitter();
  std::vector<WireMessage> List(const std::string& after);
  void FlushOne(const std::string& id);
  std::vector<std::string> WarningsFor(const QueueControl::Reader& reader);
  void TestNamed(const std::string& name, QueueControl::TestDone done);

  std::vector<WireMessage> ListMessages() override {
    return Serve([&] { return List({}); });
  }
  std::vector<WireMessage> ListMessagesAfter(const std::string& id) override {
    return Serve([&] { return List(id); });
  }
  std::uint32_t Flush() override {
    return Serve([&] { return control_.Flush(CallersSubmitter()); });
  }
  std::uint32_t TryWaiting() override {
    if (CallersSubmitter()) throw MakeError(kAccessDenied, "Only root may have all mail tried");
    return Serve([&] { return control_.TryWaiting(); });
  }
  void Route(sdbus::Result<std::vector<WireRouteLine>>&& result, std::string sender,
             std::vector<std::string> addresses) override;
  void TestRelay(sdbus::Result<std::vector<WireRelayReport>>&& result, std::string name) override;
  void FlushMessage(const std::string& id) override {
    Serve([&] { FlushOne(id); });
  }
  std::uint32_t QueueLength() override {
    return Serve([&] { return control_.Length(); });
  }
  std::vector<std::string> ListWarnings() override {
    return Serve([&] { return WarningsFor({.is_everybody = false, .uid = CallersSubmitter()}); });
  }
  std::vector<std::string> Warnings() override {
    return Serve([&] { return WarningsFor({.is_everybody = true}); });
  }

  QueueControl& control_;
  PendingCalls pending_;
  std::uint64_t calls_ = 0;
};

std::vector<WireRouteLine> ToReply(const std::vector<RouteLine>& lines) {
  std::vector<WireRouteLine> reply;
  reply.reserve(lines.size());
  ReplySize size(kMaxReply);
  for (const auto& line : lines) {
    WireRouteLine wire = ToWire(line);
    if (!size.TryAdd(WireSize(wire))) break;
    reply.push_back(std::move(wire));
  }
  return reply;
}

std::vector<WireRelayReport> ToReply(const std::vector<mail::RelayReport>& reports) {
  if (reports.empty()) throw MakeError(kFailed, "The relay went away");
  std::vector<WireRelayReport> reply;
  reply.reserve(reports.size());
  for (const auto& report : reports) reply.push_back(ToWire(report));
  return reply;
}

// The effective uid is the bus's own knowledge of the connection; the others would be read from /proc, where
// the process may by now be another one.
std::optional<uid_t> Adaptor::CallersSubmitter() {
  return SubmitterFor(CallersEuid(getObject()), ::getuid());
}

std::vector<WireMessage> Adaptor::List(const std::string& after) {
  std::vector<WireMessage> reply;
  ReplySize size(kMaxPart);
  const auto end = std::chrono::steady_clock::now() + kMaxBurst;
  control_.List(CallersSubmitter(), after, [&](const MessageStatus& message) {
    if (!reply.empty() && std::chrono::steady_clock::now() >= end) return false;
    WireMessage wire = ToWire(message);
    if (!size.TryAdd(WireSize(wire))) return false;
    reply.push_back(std::move(wire));
    return true;
  });
  return reply;
}

void Adaptor::Route(sdbus::Result<std::vector<WireRouteLine>>&& result, std::string sender,
                    std::vector<std::string> addresses) {
  CheckQuestion(sender, addresses);
  Serve([&] {
    const auto caller = CallersSubmitter();
    auto answer = pending_.Add(std::move(result), CallersName(getObject()));
    auto gone = answer.Gone();
    control_.Route(std::move(sender), std::move(addresses), caller, CallersEuid(getObject()), std::move(gone),
                   [answer = std::move(answer)](const std::vector<RouteLine>& lines) {
                     answer.Give([&] { return ToReply(lines); });
                   });
  });
}

void Adaptor::TestNamed(const std::string& name, QueueControl::TestDone done) try {
  control_.TestRelay(name, std::move(done));
} catch (const std::invalid_argument& error) {
  throw MakeError(kNoSuchRelay, error.what());
}

// Only root may test: each call is a login, and many failed logins lock an account.
void Adaptor::TestRelay(sdbus::Result<std::vector<WireRelayReport>>&& result, std::string name) {
  if (CallersSubmitter()) throw MakeError(kAccessDenied, "Only root may test relays");
  Serve([&] {
    auto answer = pending_.Add(std::move(result), CallersName(getObject()));
    TestNamed(name, [answer = std::move(answer)](const std::vector<mail::RelayReport>& reports) {
      answer.Give([&] { return ToReply(reports); });
    });
  });
}

// For the message of another user the answer is the same as for one that is not there.
void Adaptor::FlushOne(const std::string& id) {
  const auto parsed = mail::QueueId::Parse(id);
  if (!parsed || !control_.FlushMessage(*parsed, CallersSubmitter()))
    throw MakeError(kNoSuchMessage, "There is no message " + Quote(id) + " in the queue");
}

std::vector<std::string> Adaptor::WarningsFor(const QueueControl::Reader& reader) {
  std::vector<std::string> reply;
  ReplySize size(kMaxReply);
  for (const auto& warning : control_.Warnings(reader)) {
    auto text = ToWire(warning);
    if (!size.TryAdd(text.size())) break;
    reply.push_back(std::move(text));
  }
  return reply;
}

}  // namespace

class QueueObject::Impl {
 public:
  explicit Impl(QueueControl& control)
      : connection_(sdbus::createSystemBusConnection()), adaptor_(*connection_, control) {
    leaving_ = AddMatch(*connection_, kSomebodyLeaves, [this](auto&& message) { OnNameGone(message); });
    connection_->requestName(BusName(kQueueName));  // last: who sees the name finds the object
  }

  [[nodiscard]] sdbus::IConnection& Connection() noexcept { return *connection_; }
  [[nodiscard]] std::uint64_t Calls() const noexcept { return adaptor_.Calls(); }

 private:
  // NameOwnerChanged: the name, its old owner, and its new one, which is nobody.
  void OnNameGone(sdbus::Message& message) {
    std::string name;
    message >> name;
    adaptor_.OnCallerGone(name);
  }

  std::unique_ptr<sdbus::IConnection> connection_;
  Adaptor adaptor_;
  sdbus::Slot leaving_;
};

QueueObject::QueueObject(QueueControl& control)
    : impl_(Translate([&] { return std::make_unique<Impl>(control); })) {}

QueueObject::~QueueObject() = default;

FdRef QueueObject::GetFd() const {
  return Translate([&] { return FdRef(impl_->Connection().getEventLoopPollData().fd); });
}

short QueueObject::Events() const {
  return Translate([&] { return impl_->Connection().getEventLoopPollData().events; });
}

std::optional<mail::Duration> QueueObject::Timeout() const {
  return Translate([&] { return impl_->Connection().getEventLoopPollData().getRelativeTimeout(); });
}

bool QueueObject::Process() {
  return Translate([&] {
    const auto end = std::chrono::steady_clock::now() + kMaxBurst;
    while (std::chrono::steady_clock::now() < end)
      if (!ProcessPending(impl_->Connection())) return false;
    return true;
  });
}

void QueueObject::ReleaseName() {
  Translate([&] { impl_->Connection().releaseName(BusName(kQueueName)); });
}

std::uint64_t QueueObject::Calls() const noexcept {
  return impl_->Calls();
}

}  // namespace bus
