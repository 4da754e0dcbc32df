// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/notices.hxx"

#include "service/journal.hxx"

#include <syslog.h>

#include <algorithm>

namespace runner {

void Notices::Add(const std::string& text) {
  if (std::ranges::count(texts_, text) > 0) return;
  service::Log(LOG_WARNING, text + ", ignoring");
  if (texts_.size() == kMax) texts_.erase(texts_.begin());
  texts_.push_back(text);
}

}  // namespace runner
