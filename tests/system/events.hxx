// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "deadline.hxx"

#include <systemd/sd-journal.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace machine {

/// The journal from the moment of construction on.
class Journal {
 public:
  /// Throws std::system_error.
  Journal();

  /// True once a record whose text contains @p text, from a unit whose name begins with "mailqueue", has been
  /// written; such a record counts again only if there is a further one.
  [[nodiscard]] bool WaitFor(const std::string& text, std::chrono::milliseconds limit = kSoon);
  /// The texts of all records of mailqueue's units that have not been looked at.
  [[nodiscard]] std::vector<std::string> Rest();

 private:
  [[nodiscard]] std::string Field(const char* name) const;
  [[nodiscard]] bool Next(std::string& text);

  struct Close {
    void operator()(sd_journal* journal) const noexcept { ::sd_journal_close(journal); }
  };
  std::unique_ptr<sd_journal, Close> journal_;
};

/// Wakes when one of some directories has changed: an entry made, written, closed, moved or removed.
class Watch {
 public:
  /// Throws std::system_error.
  explicit Watch(const std::vector<std::string>& directories);
  /// With other events of inotify(7) than those.
  Watch(const std::vector<std::string>& directories, std::uint32_t events);

  /// @return false if nothing happened in time
  [[nodiscard]] bool Wait(const Deadline& deadline);

 private:
  UniqueFd fd_;
};

/// Waits until @p done says true. It is asked at first and whenever the spool, /var/mail or one of
/// @p directories has changed, and once more at the end.
/// @return what it said last
[[nodiscard]] bool WaitUntil(const std::function<bool()>& done, std::chrono::milliseconds limit = kSoon,
                             std::vector<std::string> directories = {});

}  // namespace machine
