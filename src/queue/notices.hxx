// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/log.hxx"

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace queue {

/// Whom something is told.
struct Reader {
  bool is_everybody = false;   ///< nobody's private file is quoted
  std::optional<uid_t> uid{};  ///< else this user's own files may be; empty: all may
};

/// What was found wrong in aliases and forward files while mail went by: told once in the log, and to
/// whoever asks for the queue's status, as far as it is theirs to know.
class Notices {
 public:
  static constexpr std::size_t kMaxOfUser = 20;  ///< the oldest of the same owner go first
  static constexpr std::size_t kMax = 200;       ///< of all; likewise

  /// @param log outlives this
  explicit Notices(Log& log) noexcept : log_(log) {}

  /// Whose file it is.
  struct Owner {
    uid_t uid = 0;
    std::string name{"root"};
  };

  /// @param text "FILE:LINE: TEXT"
  void Add(const std::string& text, const Owner& owner);

  /// Root's notices are quoted to others where the file can be read by everybody.
  [[nodiscard]] std::vector<std::string> For(const Reader& reader) const;

  /// @p text as those see it who can't read the file: "FILE: there is a mistake in it".
  /// @param file the beginning of @p text
  [[nodiscard]] static std::string ForOthers(const std::string& text, const std::string& file);

 private:
  struct Notice {
    uid_t owner;
    std::string text;
    std::string for_others;
  };
  void MakeRoom(uid_t owner);

  Log& log_;
  std::deque<Notice> notices_;  ///< the oldest first
};

}  // namespace queue
