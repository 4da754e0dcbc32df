// SPDX-License-Identifier: BSD-2-Clause
#include "service/event_loop.hxx"

#include <exception>

namespace service {

// True also where the handler threw: one has run.
template <typename RunOne>
bool EventLoop::RunGuarded(RunOne run_one) {
  const HandlerWatch::Measurement measurement(watch_);
  try {
    return run_one() > 0;
  } catch (const std::exception& fault) {
    faults_.Survive(fault);
    return true;
  }
}

void EventLoop::Run() {
  while (RunGuarded([this] { return context_.run_one(); })) continue;
}

bool EventLoop::RunOneUntil(std::chrono::steady_clock::time_point end) {
  return RunGuarded([&] { return context_.run_one_until(end); });
}

}  // namespace service
