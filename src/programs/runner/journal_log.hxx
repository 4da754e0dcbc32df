// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/log.hxx"
#include "service/journal.hxx"

#include <span>
#include <string_view>
#include <vector>

namespace runner {

/// The engine's records go to the journal.
class JournalLog final : public queue::Log {
 public:
  using Log::Write;
  void Write(int priority, std::string_view text, std::span<const Field> fields) override {
    std::vector<service::JournalField> record;
    record.reserve(fields.size());
    for (const auto& [name, value] : fields) record.push_back({name, value});
    service::Log(priority, text, record);
  }
};

}  // namespace runner
