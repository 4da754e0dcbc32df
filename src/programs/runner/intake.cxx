// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/intake.hxx"

#include "base/error.hxx"
#include "base/text.hxx"
#include "service/journal.hxx"

#include <asio/post.hpp>

#include <sys/inotify.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>
#include <variant>

namespace runner {

namespace {

constexpr std::size_t kMaxBatch = 64;  // bounds the descriptors and the time of one commit
constexpr auto kRetakeDelay = std::chrono::seconds(10);

int MakeWatch(FdRef directory) {
  UniqueFd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watch) ThrowErrno("Failed to make an inotify instance");
  const std::string path = "/proc/self/fd/" + std::to_string(directory.Get());
  if (::inotify_add_watch(watch.Get(), path.c_str(), IN_CREATE | IN_MOVED_TO) < 0)
    ThrowErrno("Failed to watch drop/");
  return watch.Release();
}

void Drain(int watch) noexcept {
  std::array<char, 16384> events;
  while (::read(watch, events.data(), events.size()) > 0) continue;
}

// Faults of the one message, not of the queue.
bool IsFaultOfDrop(const std::system_error& error) noexcept {
  return IsErrno(error, ENODATA) || IsErrno(error, EEXIST);
}

}  // namespace

Intake::Intake(asio::io_context& context, const spool::DropDirectory& drops, const spool::Queue& queue,
               std::function<void(std::vector<mail::Envelope>)> on_taken)
    : context_(context),
      drops_(drops),
      queue_(queue),
      on_taken_(std::move(on_taken)),
      changes_(context, MakeWatch(drops.Descriptor())),
      retry_(context) {}

void Intake::Start() {
  WaitForChange();
  Schedule();
}

void Intake::WaitForChange() {
  changes_.async_wait(asio::posix::descriptor_base::wait_read, [this](std::error_code error) {
    if (error) return;
    Drain(changes_.native_handle());
    Schedule();
    WaitForChange();
  });
}

void Intake::Schedule() {
  if (std::exchange(scheduled_, true)) return;
  asio::post(context_, [this] { TakeAll(); });
}

void Intake::TakeAll() {
  scheduled_ = false;
  retrying_ = false;
  try {
    TakeStreams();
    TakeDrops();
  } catch (const std::exception& e) {
    RetryLater(e.what());
  }
}

void Intake::RetryLater(const std::string& why) {
  service::Log(LOG_ERR, "Failed to take in new mail: " + why + ", retrying in 10 s");
  retrying_ = true;
  retry_.expires_after(kRetakeDelay);
  retry_.async_wait([this](std::error_code error) {
    if (!error) Schedule();
  });
}

void Intake::TakeDrops() {
  const auto names = drops_.List();
  for (auto next = names.begin(); next != names.end();) {
    const auto count = std::min<std::ptrdiff_t>(kMaxBatch, names.end() - next);
    TakeSome({next, next + count});
    next += count;
  }
}

void Intake::TakeSome(const std::vector<std::string>& names) {
  spool::QueueBatch batch(queue_);
  std::vector<std::string> taken;
  for (const auto& name : names) {
    try {
      if (AddDrop(batch, name)) taken.push_back(name);
    } catch (const std::system_error& e) {
      if (!IsFaultOfDrop(e)) throw;
      Refuse(name, {true, e.what()});  // in the queue already, or cut by its owner while it was read
    }
  }
  auto envelopes = batch.Commit();
  for (const auto& name : taken) drops_.Remove(name);
  if (!envelopes.empty()) on_taken_(std::move(envelopes));
}

bool Intake::AddDrop(spool::QueueBatch& batch, const std::string& name) {
  auto opened = drops_.Open(name);
  if (const auto* refusal = std::get_if<spool::Refusal>(&opened)) {
    Refuse(name, *refusal);
    return false;
  }
  auto& drop = std::get<spool::Drop>(opened);
  batch.Add(std::move(drop.envelope), drop.file, drop.message_offset);
  return true;
}

void Intake::Refuse(const std::string& name, const spool::Refusal& refusal) {
  try {
    if (refusal.torn) {
      drops_.Remove(name);
      service::Log(LOG_NOTICE, "Removed drop/" + Quote(name) + ": " + refusal.why);
    } else {
      const auto place = drops_.SetAside(name);
      service::Log(LOG_WARNING, "Set aside drop/" + Quote(name) + " as " + Quote(place) + ": " + refusal.why);
    }
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string(e.what()) + ", ignoring");
  }
}

void Intake::TakeStream(spool::Drop drop, Reply reply) {
  streams_.push_back({std::move(drop), std::move(reply)});
  Schedule();
}

void Intake::TakeStreams() {
  auto streams = std::exchange(streams_, {});
  spool::QueueBatch batch(queue_);
  std::vector<std::pair<Reply, spool::SubmitReply>> replies;
  for (auto& [drop, reply] : streams) {
    const auto id = drop.envelope.id;
    try {
      batch.Add(std::move(drop.envelope), drop.file, drop.message_offset);
      replies.emplace_back(std::move(reply), spool::SubmitReply{0, id.ToString()});
    } catch (const std::system_error& e) {
      replies.emplace_back(std::move(reply),
                           spool::SubmitReply{IsFaultOfDrop(e) ? EX_DATAERR : EX_TEMPFAIL, e.what()});
    }
  }
  std::vector<mail::Envelope> envelopes;
  try {
    envelopes = batch.Commit();
  } catch (const std::system_error& e) {
    for (auto& [reply, word] : replies) word = {EX_TEMPFAIL, e.what()};
  }
  for (const auto& [reply, word] : replies) reply(word);
  if (!envelopes.empty()) on_taken_(std::move(envelopes));
}

}  // namespace runner
