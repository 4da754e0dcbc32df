// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/bus_link.hxx"

#include "service/journal.hxx"

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>

#include <poll.h>
#include <syslog.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <stdexcept>

namespace runner {

namespace {

constexpr auto kRetryDelay = std::chrono::seconds(30);
constexpr char kBusSocket[] = "/run/dbus/system_bus_socket";
constexpr char kAuth[] = "\0AUTH\r\n";  // "which mechanisms are there?", in the protocol of D-Bus

bus::State StateOf(const queue::Entry& entry) noexcept {
  if (!entry.envelope.held.empty()) return bus::State::Held;
  if (entry.active) return bus::State::Active;
  return entry.envelope.attempts || entry.lost ? bus::State::Deferred : bus::State::Queued;
}

bus::MessageStatus StatusOf(const mail::QueueId& id, const spool::Unreadable& what) {
  bus::MessageStatus status;
  status.id = id.ToString();
  status.submitter = bus::MessageStatus::kUnknown;
  status.state =
      ToString(what.kind == spool::Unreadable::Kind::Newer ? bus::State::Newer : bus::State::Damaged);
  status.reason = what.why;
  return status;
}

bus::MessageStatus StatusOf(const queue::Intake::Waiting& drop) {
  bus::MessageStatus status;
  status.id = drop.id.ToString();
  status.created = drop.status.modified;
  status.size = drop.status.size;
  status.submitter = drop.status.owner;
  status.attempts = drop.failures;
  status.state = ToString(bus::State::Waiting);
  status.next_attempt = drop.next_attempt;
  status.reason = drop.reason;
  return status;
}

// As bus::RouteLine::state has it.
const char* StateOf(queue::RouteLine::Kind kind) noexcept {
  using Kind = queue::RouteLine::Kind;
  switch (kind) {
    case Kind::Further:
      break;
    case Kind::Mailbox:
      return "mailbox";
    case Kind::Relay:
      return "relay";
    case Kind::Command:
      return "command";
    case Kind::Deferred:
      return "deferred";
    case Kind::Failed:
      return "failed";
    case Kind::Delivered:
      return "delivered";
    case Kind::Circle:
      return "circle";
    case Kind::Mistake:
      return "mistake";
  }
  return "";
}

}  // namespace

BusLink::BusLink(asio::io_context& context, queue::Scheduler& scheduler, queue::Inspector& inspector,
                 queue::QueueLoader& loader, queue::Intake& intake, SettingsWatch& settings)
    : scheduler_(scheduler),
      inspector_(inspector),
      loader_(loader),
      intake_(intake),
      settings_(settings),
      knock_(context),
      socket_(context),
      timer_(context) {}

BusLink::~BusLink() {
  Disconnect();
}

void BusLink::Start() {
  Knock();
}

// To connect takes an answer, and is waited for. Early at boot nobody gives one: the socket is there, and the
// bus itself may be waiting for who waits for us. So first something is asked that can be waited for beside
// mail.
void BusLink::Knock() {
  if (std::getenv("DBUS_SYSTEM_BUS_ADDRESS")) return Connect();
  knock_ = asio::local::stream_protocol::socket(knock_.get_executor());
  knock_.async_connect(asio::local::stream_protocol::endpoint(kBusSocket), [this](std::error_code error) {
    if (error == asio::error::operation_aborted) return;
    if (error) return OnLost("The system bus can't be reached: " + error.message());
    Greet();
  });
}

void BusLink::Greet() {
  asio::async_write(
      knock_, asio::buffer(kAuth, sizeof kAuth - 1), [this](std::error_code error, std::size_t) {
        if (error == asio::error::operation_aborted) return;
        if (error) return OnLost("The system bus has gone: " + error.message());
        knock_.async_read_some(asio::buffer(answer_), [this](std::error_code read_error, std::size_t) {
          if (read_error == asio::error::operation_aborted) return;
          if (read_error) return OnLost("The system bus has gone: " + read_error.message());
          std::error_code ignored;
          knock_.close(ignored);
          Connect();
        });
      });
}

void BusLink::Connect() {
  try {
    object_.emplace(static_cast<bus::QueueControl&>(*this));
    calls_seen_ = 0;
    socket_.assign(object_->GetFd().Get());
  } catch (const bus::Error& e) {
    return OnLost(e.what());
  }
  Process();
}

void BusLink::Process() {
  if (!object_) return;
  try {
    if (object_->Process()) return asio::post(socket_.get_executor(), [this] { Process(); });
    Wait();
  } catch (const bus::Error& e) {
    OnLost(e.what());
  }
}

void BusLink::Wait() {
  socket_.cancel();
  const auto on_ready = [this](std::error_code error) {
    if (!error) Process();
  };
  const short events = object_->Events();
  if (events & POLLIN) socket_.async_wait(asio::posix::descriptor_base::wait_read, on_ready);
  if (events & POLLOUT) socket_.async_wait(asio::posix::descriptor_base::wait_write, on_ready);
  timer_.cancel();
  if (const auto timeout = object_->Timeout()) {
    timer_.expires_after(*timeout);
    timer_.async_wait(on_ready);
  }
}

void BusLink::OnLost(const std::string& why) {
  service::Log(LOG_WARNING, why + ", retrying in 30 s");
  Disconnect();
  timer_.expires_after(kRetryDelay);
  timer_.async_wait([this](std::error_code error) {
    if (!error) Knock();
  });
}

void BusLink::Leave() {
  if (!object_) return;
  try {
    object_->ReleaseName();
    while (object_->Process()) continue;
  } catch (const bus::Error& e) {
    service::Log(LOG_WARNING, e.what());
  }
  Disconnect();
}

// The descriptor is the object's, which closes it.
void BusLink::Disconnect() {
  if (socket_.is_open()) [[maybe_unused]]
    const int borrowed = socket_.release();
  object_.reset();
}

bool BusLink::IsQuiet() {
  if (asked_.use_count() > 1) return false;
  if (!object_ || object_->Calls() == calls_seen_) return true;
  calls_seen_ = object_->Calls();
  return false;
}

void BusLink::List(std::optional<uid_t> only, std::string_view after,
                   const std::function<bool(const bus::MessageStatus&)>& take) {
  std::vector<bus::MessageStatus> others;
  const auto drops = intake_.List(only, after);
  others.reserve(drops.size());
  for (const auto& drop : drops) others.push_back(StatusOf(drop));
  for (const auto& [id, what] : loader_.List()) others.push_back(StatusOf(id, what));
  std::erase_if(
      others, [&](const auto& status) { return status.id <= after || (only && status.submitter != *only); });
  std::ranges::sort(others, {}, &bus::MessageStatus::id);
  // Behind the last one there may be drops that were not asked for: they are for the next call.
  const bool is_part = drops.size() == queue::Intake::kMaxListed;
  const auto end = is_part ? drops.back().id.ToString() : std::string();
  const auto is_beyond = [&](std::string_view id) { return is_part && id > end; };
  auto other = others.begin();
  const auto& entries = scheduler_.Entries();
  const auto last = mail::QueueId::Parse(after);
  for (auto next = last ? entries.upper_bound(*last) : entries.begin(); next != entries.end(); ++next) {
    const auto& [id, entry] = *next;
    if (is_beyond(id.View())) break;
    for (; other != others.end() && other->id < id.View(); ++other)
      if (!take(*other)) return;
    if (id.View() <= after || (only && entry.envelope.submitter != *only)) continue;
    auto status = bus::MakeStatus(scheduler_.EnvelopeOf(entry), StateOf(entry));
    status.next_attempt = entry.MayBeTried() ? entry.due : mail::Time{};
    if (!take(status)) return;
  }
  for (; other != others.end() && !is_beyond(other->id); ++other)
    if (!take(*other)) return;
}

unsigned BusLink::Flush(std::optional<uid_t> only) {
  if (!only) loader_.Start();
  intake_.Flush();
  return scheduler_.Flush(only);
}

unsigned BusLink::TryWaiting() {
  loader_.Start();
  intake_.Flush();
  return scheduler_.TryWaiting();
}

// Answers a call later than in its handler. Process() sends what the socket didn't take at once; it is posted
// because it must not run within another Process().
template <typename Done>
auto BusLink::Later(Done done) {
  return [this, done = std::move(done), token = asked_](const auto& answer) {
    done(answer);
    asio::post(socket_.get_executor(), [this] { Process(); });
  };
}

// The caller's place is free when nobody waits any more. Work that goes on nevertheless, because an agent
// does not answer, has a limit of its own.
void BusLink::Route(std::string sender, std::vector<std::string> addresses, std::optional<uid_t> caller,
                    uid_t user, std::stop_token gone, RouteDone done) {
  struct Work {
    std::shared_ptr<void> place;
    std::shared_ptr<void> work;
    std::optional<std::stop_callback<std::function<void()>>> on_gone;
  };
  const uid_t share = scheduler_.ShareOf(user);
  const auto work = std::make_shared<Work>(routes_.Take(share), abandoned_.Take(share));
  if (!work->place || !work->work) throw std::runtime_error("Too many calls are under way");
  work->on_gone.emplace(gone, [&place = work->place] { place.reset(); });
  const auto answer = [later = Later(std::move(done)), work](const std::vector<queue::RouteLine>& lines) {
    std::vector<bus::RouteLine> told;
    told.reserve(lines.size());
    for (const auto& line : lines)
      told.push_back({line.depth, line.what, line.where, line.end, StateOf(line.kind)});
    later(told);
  };
  inspector_.Explain(std::move(sender), std::move(addresses), caller, share, std::move(gone), answer);
}

void BusLink::TestRelay(const std::string& name, TestDone done) {
  inspector_.TestRelay(name, Later(std::move(done)));
}

bool BusLink::FlushMessage(mail::QueueId id, std::optional<uid_t> only) {
  const bool is_unreadable = !only && loader_.Has(id);
  if (is_unreadable) loader_.Start();
  return scheduler_.FlushMessage(id, only) || is_unreadable;
}

unsigned BusLink::Length() {
  return static_cast<unsigned>(scheduler_.Size() + loader_.Size());
}

std::vector<std::string> BusLink::Warnings(const Reader& reader) {
  const bool is_for_all = !reader.is_everybody && !reader.uid;
  std::vector<std::string> texts;
  static_cast<void>(settings_.Refresh());
  for (const auto& warning : settings_.Warnings()) {
    const auto text = warning.ToString();
    texts.push_back(is_for_all ? text : queue::Notices::ForOthers(text, warning.file));
  }
  const queue::Reader whom{reader.is_everybody, reader.uid};
  for (auto more : {inspector_.Warnings(whom), loader_.Warnings(), intake_.Warnings(whom)})
    std::ranges::move(more, std::back_inserter(texts));
  return texts;
}

}  // namespace runner
