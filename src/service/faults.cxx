// SPDX-License-Identifier: BSD-2-Clause
#include "service/faults.hxx"

#include "service/journal.hxx"

#include <string>

namespace service {

void Faults::Survive(const std::exception& fault, Clock::time_point now) {
  while (!times_.empty() && now - times_.front() >= kPeriod) times_.pop_front();
  times_.push_back(now);
  if (times_.size() >= kMax) throw;
  Log(LOG_ERR, "A handler of the event loop failed: " + std::string(fault.what()) + ", going on");
}

}  // namespace service
