// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

namespace queue {

/// Where the engine's records go: the journal.
class Log {
 public:
  /// {"MAILQUEUE_ID", id}, for example; mailqueue(7) has the names.
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  /// @param priority LOG_DEBUG to LOG_EMERG of syslog(3)
  /// @param text one line, in which text from outside is quoted
  /// @param fields a name may be there several times
  virtual void Write(int priority, std::string_view text, std::span<const Field> fields) = 0;
  void Write(int priority, std::string_view text, std::initializer_list<Field> fields = {}) {
    Write(priority, text, std::span(fields.begin(), fields.size()));
  }

 protected:
  ~Log() = default;
};

}  // namespace queue
