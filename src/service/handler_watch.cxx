// SPDX-License-Identifier: BSD-2-Clause
#include "service/handler_watch.hxx"

#include "base/file.hxx"
#include "base/text.hxx"
#include "service/journal.hxx"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

// The linker has our own calls of epoll_wait, which are asio's, come here (--wrap).
extern "C" {
int __real_epoll_wait(int epfd, epoll_event* events, int maxevents, int timeout);

int __wrap_epoll_wait(int epfd, epoll_event* events, int maxevents, int timeout) {
  const int n = __real_epoll_wait(epfd, events, maxevents, timeout);
  service::HandlerWatch::OnWoken();
  return n;
}
}

namespace service {

namespace {

thread_local HandlerWatch* watch_of_thread = nullptr;
thread_local const char* noted = "";

// The second number of proc(5)'s schedstat: nanoseconds that the thread was ready and waited for a processor.
std::chrono::nanoseconds WaitedForProcessor(FdRef schedstat) noexcept {
  std::array<char, 64> text;
  const auto size = ::pread(schedstat.Get(), text.data(), text.size(), 0);
  if (size <= 0) return {};
  std::string_view rest(text.data(), static_cast<std::size_t>(size));
  rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  const auto number = ParseNumber<long long>(rest.substr(0, rest.find(' ')));
  return std::chrono::nanoseconds(number.value_or(0));
}

std::string Milliseconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

}  // namespace

HandlerWatch::HandlerWatch() {
  const char* const text = std::getenv("MAILQUEUE_HANDLER_LIMIT");
  limit_ = std::chrono::milliseconds(text ? ParseNumber<unsigned>(text).value_or(0) : 0);
  if (limit_.count() == 0) return;
  schedstat_ = UniqueFd(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC));
  watch_of_thread = this;
}

HandlerWatch::~HandlerWatch() {
  if (watch_of_thread == this) watch_of_thread = nullptr;
}

void HandlerWatch::Note(const char* what) noexcept {
  noted = what;
}

void HandlerWatch::OnWoken() noexcept {
  if (watch_of_thread) watch_of_thread->Begin();
}

HandlerWatch::Sample HandlerWatch::Take() const noexcept {
  const auto waited = schedstat_ ? WaitedForProcessor(schedstat_) : std::chrono::nanoseconds();
  const auto sync = TimeInSync();
  return {std::chrono::steady_clock::now(), waited + sync.clock, ProcessorTime() - sync.processor};
}

void HandlerWatch::Begin() noexcept {
  if (limit_.count() == 0) return;
  noted = "";
  begin_ = Take();
}

void HandlerWatch::End() noexcept {
  if (limit_.count() == 0) return;
  const auto end = Take();
  const auto time = end.time - begin_.time - (end.not_ours - begin_.not_ours);
  if (time <= limit_) return;
  const auto work = end.work - begin_.work;
  ++count_;
  if (work > limit_) ++busy_;
  Log(LOG_WARNING, "A handler kept the event loop for " + Milliseconds(time) + " ms, more than " +
                       std::to_string(limit_.count()) + ", with " + Milliseconds(work) +
                       " ms of processor time: " + (*noted ? noted : "no note"));
}

}  // namespace service
