// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <syslog.h>

#include <initializer_list>
#include <span>
#include <string_view>

namespace service {

/// One structured field of a journal record, e.g. {"MAILQUEUE_ID", id}; see mailqueue(7) for the names in
/// use.
struct JournalField {
  std::string_view name;
  std::string_view value;
};

/// Writes a record to the journal; to standard error where there is no journal.
/// @param priority LOG_DEBUG to LOG_EMERG of syslog(3)
/// @param text one line; what came from outside is quoted by the caller
void Log(int priority, std::string_view text, std::initializer_list<JournalField> fields = {});
/// A name may be there several times: the record has all of its values.
void Log(int priority, std::string_view text, std::span<const JournalField> fields);

}  // namespace service
