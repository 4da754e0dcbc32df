// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/user.hxx"

#include <sys/stat.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Why a path leads nowhere.
struct PathFault {
  int code = 0;          ///< errno; 0: it leads somewhere, but not where mail should go or come from
  std::string text;      ///< for a person: what is wrong, with the remedy
  bool in_link = false;  ///< it is where a symbolic link on the way leads
};

/// Follows a path that a user has chosen, one component after the other, so that only they and root can
/// make it lead elsewhere: each directory and symbolic link belongs to one of them, and no directory may be
/// written by everybody unless it is sticky. What is opened is what was looked at; no name is resolved
/// twice. Nothing in it waits, or opens what is no regular file and no directory. Nothing is searched or read
/// that the user could not without group mail (own_rights), unless that is allowed.
class PathWalk {
 public:
  static constexpr unsigned kMaxLinks = 16;  ///< symbolic links on one way

  /// Where the way may lead.
  enum class Bounds {
    Home,        ///< in the user's home alone; a link that leaves it is a fault
    Everywhere,  ///< paths begin at the root directory
    /// as Everywhere, for a path that root has written down: its directories may be anybody's and open to
    /// everybody, but a symbolic link has to be root's
    Roots,
  };

  /// The rights with which directories on the way are searched.
  enum class Rights {
    Own,   ///< the user's
    Lent,  ///< those of group mail, too; behind a symbolic link of the user's, they are theirs again
  };

  /// Throws std::system_error if there is no home, or no root directory.
  PathWalk(const User& user, Bounds bounds, Rights rights = Rights::Own);

  using Opened = std::variant<UniqueFd, PathFault>;

  /// Opens a directory. @param path relative to where the bounds begin; may begin or end with a slash; empty:
  /// the beginning
  [[nodiscard]] Opened OpenDirectory(const std::string& path);

  /// Opens a regular file for reading. What is no regular file is a fault.
  [[nodiscard]] Opened OpenFile(const std::string& path);

  /// A name in an open directory; it may not exist.
  struct Named {
    UniqueFd directory;
    std::string name;
  };
  using Place = std::variant<Named, PathFault>;
  /// Makes a directory. May throw.
  using Make = std::function<void(FdRef parent, const std::string& name)>;

  /// Follows a path up to its last name, and where that is a symbolic link, further.
  /// @param make called for each directory of the path itself that is missing; empty: that is a fault
  [[nodiscard]] Place FindPlace(const std::string& path, const Make& make = {});

  /// Whether what was opened last lies in this directory, or somewhere below it. False where there is no such
  /// directory. @param directory absolute
  [[nodiscard]] bool IsBelow(const std::string& directory) const noexcept;

 private:
  void Begin(const std::string& path);
  [[nodiscard]] std::string TakeName();
  [[nodiscard]] std::optional<PathFault> Walk(const std::string& path);
  [[nodiscard]] std::optional<PathFault> WalkOn(const std::string& path);
  [[nodiscard]] std::optional<PathFault> Step(const std::string& name);
  [[nodiscard]] std::optional<PathFault> Follow(FdRef link, const struct stat& status,
                                                const std::string& name);
  [[nodiscard]] std::optional<PathFault> Enter(UniqueFd directory, const struct stat& status,
                                               const std::string& name);
  void Prepend(std::string_view path);

  const User& user_;
  Bounds bounds_;
  Rights rights_;
  std::vector<UniqueFd> way_;     ///< directories, from the beginning on
  std::deque<std::string> rest_;  ///< names still to go
  UniqueFd end_;                  ///< what the last name is, if that is no directory and no link (O_PATH)
  unsigned links_ = 0;
  std::size_t own_ = 0;   ///< how many of rest_, the last ones, are of the path itself and of no link
  bool in_link_ = false;  ///< the name that was taken last is of a link
};

/// What speaks against trusting a file or directory with this owner and mode on behalf of @p user, with the
/// remedy: another owner than they and root, or others who may write. Their own group may, if they are alone
/// in it (it bears their name).
[[nodiscard]] std::optional<std::string> FindDistrust(const struct stat& status, const User& user);

/// The home as a directory to work in, without slashes at its end; empty if the user has none to speak of.
[[nodiscard]] std::string_view HomeOf(const User& user) noexcept;

/// The part of @p path behind HOME/; empty if it is not of that form.
[[nodiscard]] std::string_view BelowHome(std::string_view path, const User& user) noexcept;
